/* The tiles whose counts read the whole draft come once the page is there. Without this script they say so for ever. */
(() => {
  "use strict";

  const fill = async (place) => {
    try {
      const answer = await fetch(place.dataset.later, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error("no tiles");
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceWith(...[...found.querySelectorAll("li")].map((tile) => document.adoptNode(tile)));
    } catch {
      const words = place.querySelector(".cs-small");
      if (words) words.textContent = "not counted: load the page again";
      place.firstElementChild?.removeAttribute("aria-busy");
    }
  };

  document.querySelectorAll("[data-later]").forEach(fill);
})();
