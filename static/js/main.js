/**
 * Starts the small behaviours of a page. An element says data-module="quantity" and gets modules/quantity.js.
 * Every page works without any of them; a module that fails leaves its element as the server wrote it.
 */
for (const element of document.querySelectorAll("[data-module]")) {
  import(`./modules/${element.dataset.module}.js`)
    .then((module) => module.default(element))
    .catch((fault) => console.warn(element.dataset.module, fault));
}

/* A cookie keeps the chosen type and language by now. An address that still held them would choose anew when one goes back to it. */
const here = new URL(location);
if (navigator.cookieEnabled && /[?&](big|lang)=/.test(here.search)) {
  here.searchParams.delete("big");
  here.searchParams.delete("lang");
  history.replaceState(history.state, "", here);
}
