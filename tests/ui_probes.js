/* Looks at a page from inside, for tests/ui_rules.py. Each probe returns a list of offenders as text. */
(() => {
  const name = (element) => {
    const words = (element.innerText || element.getAttribute("aria-label") || element.getAttribute("name") || "").trim();
    const mark = element.getAttribute("class");
    return `<${element.tagName.toLowerCase()}${mark ? "." + mark.split(" ").join(".") : ""}> ${words.slice(0, 24).replace(/\s+/g, " ")}`;
  };
  const box = (element) => element.getBoundingClientRect();
  const isVisible = (element) => {
    const look = getComputedStyle(element);
    const size = box(element);
    return look.visibility !== "hidden" && look.display !== "none" && size.width > 1.5 && size.height > 1.5 && size.bottom + scrollY > 0;
  };
  const size = (element) => parseFloat(getComputedStyle(element).fontSize);
  const shown = () => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const parent = walk.currentNode.parentElement;
      if (!walk.currentNode.data.trim() || parent.closest("script, style, svg[role=img]")) continue;
      if (isVisible(parent)) found.push(parent);
    }
    return found;
  };

  window.probes = {
    fonts({ least, body, largest }) {
      const texts = shown();
      const found = texts.filter((each) => size(each) < least - 0.05).map((each) => `${size(each)}px ${name(each)}`);
      if (size(document.body) < body) found.push(`body is ${size(document.body)}px, less than ${body}`);
      if (largest && !texts.some((each) => size(each) >= largest)) found.push(`nothing is as large as ${largest}px`);
      return found;
    },

    targets({ least }) {
      const isSmall = (element) => Math.min(box(element).width, box(element).height) < least - 0.5;
      return [...document.querySelectorAll("a, button, input, select, textarea, summary, label")]
        .filter((each) => isVisible(each) && isSmall(each))
        .filter((each) => !(each.matches("input") && each.closest("label") && !isSmall(each.closest("label"))))
        .map((each) => `${Math.round(box(each).width)}×${Math.round(box(each).height)} ${name(each)}`);
    },

    sideways() {
      const root = document.documentElement;
      if (root.scrollWidth <= innerWidth) return [];
      const isWide = (each) => box(each).right > innerWidth + 0.5 || (each.clientWidth && box(each).left + each.scrollWidth > innerWidth + 0.5);
      const wide = [...document.body.querySelectorAll("*:not(svg *)")].filter((each) => isWide(each)).reverse();
      return [`scrollWidth ${root.scrollWidth} > ${innerWidth}`, ...wide.slice(0, 6).map(name)];
    },

    lines() {
      const ratio = (each) => parseFloat(getComputedStyle(each).lineHeight) / size(each);
      const found = [...document.querySelectorAll("p, li, td")]
        .filter((each) => isVisible(each) && each.innerText.trim() && ratio(each) < 1.299)
        .map((each) => `line height ${ratio(each).toFixed(2)} ${name(each)}`);
      for (const each of document.querySelectorAll(".reading p, .prose p")) {
        if (ratio(each) < 1.499) found.push(`reading text at ${ratio(each).toFixed(2)} ${name(each)}`);
        const next = each.nextElementSibling;
        if (!next || !next.matches("p")) continue;
        const gap = box(next).top - box(each).bottom;
        const lineGap = parseFloat(getComputedStyle(each).lineHeight) - size(each);
        if (gap < 1.3 * lineGap - 0.5) found.push(`gap ${gap.toFixed(1)}px after ${name(each)}, needs ${(1.3 * lineGap).toFixed(1)}`);
      }
      return found;
    },

    overlays() {
      const found = [...document.body.querySelectorAll("*")]
        .filter((each) => getComputedStyle(each).position === "fixed")
        .map((each) => `position: fixed ${name(each)}`);
      for (const each of document.querySelectorAll("dialog[open]")) found.push(`an open dialog ${name(each)}`);
      for (const each of document.getAnimations()) found.push(`moves by itself: ${name(each.effect.target)}`);
      const lure = document.body.innerText.match(/立即下载|打开\s*APP/i);
      if (lure) found.push(`lures: ${lure[0]}`);
      return found;
    },

    frame() {
      const found = [];
      const root = document.documentElement;
      if (!["zh-Hans", "en"].includes(root.lang)) found.push(`lang is “${root.lang}”`);
      const heads = document.querySelectorAll("h1").length;
      if (heads !== 1) found.push(`${heads} h1`);
      if (!document.title.trim()) found.push("no title");
      for (const landmark of ["header", "main"]) if (!document.querySelector(landmark)) found.push(`no <${landmark}>`);
      const viewport = document.querySelector("meta[name=viewport]");
      if (!viewport || /user-scalable=no|maximum-scale/.test(viewport.content)) found.push("the viewport forbids enlarging, or is missing");
      for (const each of document.querySelectorAll("input, select, textarea")) {
        if (!isVisible(each)) continue;
        if (size(each) < 16) found.push(`${size(each)}px in ${name(each)}: telephones would zoom`);
        if (each.type === "tel" && !/^tel/.test(each.autocomplete)) found.push(`no autocomplete=tel ${name(each)}`);
        if (each.autocomplete === "one-time-code" && each.inputMode !== "numeric") found.push(`no numeric keys ${name(each)}`);
      }
      return found;
    },

    states() {
      const found = [];
      const shapes = new Map();
      for (const each of document.querySelectorAll(".tag")) {
        if (!each.innerText.trim()) found.push(`a state without a word ${name(each)}`);
        const mark = getComputedStyle(each, "::before");
        const own = mark.display === "none" ? `frame ${getComputedStyle(each).borderTopWidth}` : [
          mark.width, mark.height, mark.borderTopLeftRadius, mark.borderTopWidth, mark.borderRightColor === mark.borderTopColor, mark.transform].join(" ");
        const tone = [...each.classList].find((mark) => mark.startsWith("tag-"));
        const other = shapes.get(own);
        if (other && other !== tone) found.push(`${tone} and ${other} have the same shape`);
        shapes.set(own, tone);
      }
      return [...new Set(found)];
    },

    focus() {
      const each = document.activeElement;
      if (!each || each === document.body) return null;
      const look = getComputedStyle(each);
      const found = [];
      if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) found.push(`no ring on ${name(each)}`);
      const { left, top, width, height } = box(each);
      const seen = document.elementFromPoint(left + width / 2, top + height / 2);
      if (seen && !each.contains(seen) && !seen.contains(each)) found.push(`${name(each)} lies under ${name(seen)}`);
      if (!seen) found.push(`${name(each)} is outside the window`);
      if (!each.dataset.passed) { each.dataset.passed = "1"; return found; }
      return null;
    },

    words() {
      const copy = document.body.cloneNode(true);
      document.documentElement.append(copy);
      for (const each of copy.querySelectorAll("[data-module] button, button[data-module], script, style")) each.remove();
      const text = copy.innerText.replace(/\s+/g, " ").trim();
      copy.remove();
      const links = [...document.links].map((each) => `${each.getAttribute("href")} ${each.innerText.trim()}`);
      const forms = [...document.forms].map((each) =>
        [each.method, each.getAttribute("action"), ...[...each.elements].filter((one) => one.name).map((one) => one.name)].join(" "));
      return { text, links, forms };
    },

    labels() {
      return [...document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")]
        .flatMap((each) => ["aria-label", "title", "placeholder", "alt"].map((mark) => each.getAttribute(mark)))
        .filter(Boolean);
    },
  };
})();
