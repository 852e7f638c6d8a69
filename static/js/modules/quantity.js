/** Shows − and + beside a number field. Without it one types the number. */
export default function quantity(box) {
  const number = box.querySelector("input");

  for (const button of box.querySelectorAll("button")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const wished = (Number(number.value) || 0) + Number(button.dataset.step);
      number.value = Math.min(Number(number.max), Math.max(Number(number.min), wished));
      number.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
