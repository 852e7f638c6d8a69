/** Adds a button that asks the telephone where the field is. Without it one types the place, or leaves it out. */
export default function fieldPlace(box) {
  if (!navigator.geolocation) return;
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = box.dataset.words;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        button.disabled = false;
      },
      () => {
        button.textContent = box.dataset.failed;
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
  box.append(button);
}
