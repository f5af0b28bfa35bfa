/* The look at how an entry will match, while it is typed. */
(() => {
  "use strict";
  const bind = () => {
    const form = document.querySelector("form[data-look]");
    if (!form) return;
    const place = document.getElementById("cs-dnc-look");
    let timer = 0;
    let turn = 0;
    const look = async () => {
      const mine = ++turn;
      const body = new FormData();
      for (const name of ["csrfmiddlewaretoken", "kind", "value"]) body.append(name, form.elements[name].value);
      const answer = await fetch(form.dataset.look, { method: "POST", body, credentials: "same-origin" });
      if (mine === turn && answer.ok) place.innerHTML = await answer.text(); // our own template, escaped there
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => look().catch(() => {}), 300);
    };
    for (const name of ["kind", "value"]) form.elements[name].addEventListener("input", soon);
    const covers = document.getElementById("cs-dnc-covers");
    const fit = () => { covers.hidden = !["person", "company"].includes(form.elements.kind.value); };
    form.elements.kind.addEventListener("input", fit);
    fit();
    if (form.elements.value.value) soon();
  };
  document.addEventListener("DOMContentLoaded", bind);
})();
