/** Adds a button that copies the address in the field above it. Without it one selects the text by hand. */
export default function copyLink(box) {
  const field = box.querySelector("input");
  const button = box.querySelector("button");
  const words = button.querySelector("span");

  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    // Older in-app browsers have only this one; and it answers at once, where the newer one may wait for ever for a permission.
    if (!document.execCommand("copy")) await navigator.clipboard.writeText(field.value);
    words.textContent = box.dataset.done;
  });
}
