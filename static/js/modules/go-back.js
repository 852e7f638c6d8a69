/** Goes back as the browser does, so that the page before keeps its own way back. Without it the link opens that page anew. */
export default function goBack(link) {
  link.addEventListener("click", (press) => {
    if (document.referrer !== link.href || history.length < 2) return;
    press.preventDefault();
    history.back();
  });
}
