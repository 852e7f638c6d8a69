const IDLE = 10 * 60 * 1000;

/** On the form that locks the desk: takes what stands unsent in the page along, and locks by itself after ten idle minutes. */
export default function keepUnsent(lock) {
  let edited = null;
  let timer = 0;

  const wake = () => {
    clearTimeout(timer);
    timer = setTimeout(() => lock.requestSubmit(), IDLE);
  };
  const note = (event) => {
    const form = event.target.form;
    if (form && form !== lock && form.method === "post") edited = form;
  };

  document.addEventListener("input", note);
  for (const sign of ["input", "keydown", "pointerdown"]) document.addEventListener(sign, wake);
  lock.addEventListener("submit", () => edited && takeAlong(edited, lock));
  wake();
}

function takeAlong(edited, lock) {
  add(lock, "kept_form", new URL(edited.action).pathname);
  for (const field of edited.elements) {
    const said = field.name && field.type !== "file" && field.type !== "password" && field.type !== "submit";
    const chosen = !["checkbox", "radio"].includes(field.type) || field.checked;
    if (said && chosen && field.name !== "csrf_token") add(lock, `kept.${field.name}`, field.value);
  }
}

function add(form, name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  form.append(field);
}
