/** Takes the reader to what must be put right. Without it the summary is simply the first thing in the form. */
export default function errorSummary(box) {
  box.focus();
}
