/** Lets a cell be ticked on the map itself. Without it the boxes beneath the map, by the same numbers, do the same. */
export default function gridMap(frame) {
  const boxOf = (path) => document.getElementById(`cell-${path.dataset.cell}`);
  const show = (path) => path.classList.toggle("grid-cell-held", boxOf(path).checked);
  for (const path of frame.querySelectorAll("[data-cell]")) {
    const box = boxOf(path);
    if (!box) continue; // another grid has this cell
    path.addEventListener("click", () => box.click());
    box.addEventListener("change", () => show(path));
    show(path); // a browser may have kept ticks over a reload
  }
}
