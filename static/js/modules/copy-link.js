/** Adds a button that copies the address in the field above it. Without it one selects the text by hand. */
export default function copyLink(box) {
  const field = box.querySelector("input");
  const button = box.querySelector("button");
  const words = button.querySelector("span");

  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // older in-app browsers have only this
    }
    words.textContent = box.dataset.done;
  });
}
