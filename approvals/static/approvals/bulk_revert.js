/* A bulk revert's page looks again while a worker is at it. Without this script one reloads by hand. */
(() => {
  "use strict";
  const PAUSE_MS = 2000;

  const look = async () => {
    const live = document.querySelector("[data-bulk-live][data-moving]");
    if (!live) return;
    if (live.contains(document.activeElement)) {
      setTimeout(look, PAUSE_MS); // a hand is on a button
      return;
    }
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-bulk-live]");
      if (answer.ok && fresh) {
        if (!fresh.hasAttribute("data-moving")) {
          window.location.reload();
          return;
        }
        live.replaceWith(document.adoptNode(fresh));
      }
    } catch {
      /* the next look may succeed */
    }
    setTimeout(look, PAUSE_MS);
  };

  setTimeout(look, PAUSE_MS);
})();
