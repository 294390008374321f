"use strict";
// Without this script the page is complete: texts are shown by their checkboxes, only the filters
// are missing. With it, veiled text is also kept from screen readers until it is asked for.
(() => {
  const all = document.getElementById("show-all");
  const form = document.querySelector(".filters");
  const cards = [...document.querySelectorAll(".filtered .card")];

  const veil = () => {
    for (const text of document.querySelectorAll(".veil")) {
      const own = text.closest(".card")?.querySelector(".reveal");
      text.ariaHidden = all?.checked || own?.checked ? null : "true";
    }
  };

  const narrow = () => {
    const { rule, action, change, author } = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const card of cards) {
      const { rules, kind, author: writer } = card.dataset;
      const wanted = action ?? change;
      card.hidden = Boolean(
        (rule && !rules.split(" ").includes(rule)) ||
        (wanted && wanted !== kind) ||
        (author && author !== writer));
      shown += card.hidden ? 0 : 1;
    }
    for (const list of document.querySelectorAll(".filtered")) {
      list.parentElement.hidden = !list.querySelector(".card:not([hidden])");
    }
    form.querySelector(".shown").textContent = `${shown} of ${cards.length} shown`;
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("#show-all, .reveal")) veil();
    if (form?.contains(event.target)) narrow();
  });

  document.addEventListener("click", (event) => {
    const text = event.target.closest(".veil");
    const own = text?.closest(".card")?.querySelector(".reveal");
    if (own && !own.checked && !all?.checked) {
      own.checked = true;
      veil();
    }
    const link = event.target.closest("[data-filter-rule]");
    if (link && form) {
      form.reset();
      form.elements.rule.value = link.dataset.filterRule;
      narrow();
    }
  });

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    narrow();
  }
  veil();
})();
