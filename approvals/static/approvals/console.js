/* The console's own script: theme, sidebar, keys, countdowns, one submit per click. Every page works without it. */
(() => {
  "use strict";

  const root = document.documentElement;
  const isStrict = root.hasAttribute("data-cs-strict"); // no Alpine on this page
  const READING_MS = 600; // a key still held from the page before decides nothing here

  /* ---- theme: unfold keeps the choice under `adminTheme`, as JSON ---- */
  const readTheme = () => {
    try {
      return JSON.parse(localStorage.getItem("adminTheme")) || "auto";
    } catch {
      return "auto";
    }
  };
  const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
  const showTheme = () => {
    const theme = readTheme();
    const isDark = theme === "dark" || (theme === "auto" && systemDark.matches);
    root.classList.toggle("dark", isDark);
    root.classList.toggle("light", !isDark);
  };
  if (isStrict) {
    showTheme(); // in the head, before the first paint
    systemDark.addEventListener("change", showTheme);
  }

  const chooseTheme = (theme) => {
    localStorage.setItem("adminTheme", JSON.stringify(theme));
    showTheme();
  };

  /* unfold looks for a box beside every file field, to show the name there. Ours show it themselves. */
  document.addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll("input[type=file]")) {
      if (!input.parentNode.parentNode.parentNode.querySelector("input[type=text]")) input.hasChangeListener = true;
    }
  });

  /* A list with a search in it, as select2 draws it some time after loading, has the name of the list. */
  const nameSearches = () => {
    for (const search of document.querySelectorAll(".select2-container .select2-search__field:not([aria-label])")) {
      const list = search.closest(".select2-container").previousElementSibling;
      search.setAttribute("aria-label", list?.getAttribute("aria-label") || list?.labels?.[0]?.innerText.trim() || "Search");
    }
  };
  window.addEventListener("load", () => setTimeout(nameSearches, 100));
  document.addEventListener("focusin", nameSearches);

  /* ---- sidebar ---- */
  const toggleSidebar = (kind) => {
    const wrapper = document.getElementById("nav-sidebar")?.parentElement?.parentElement;
    if (!wrapper) return;
    if (kind === "mobile") {
      wrapper.classList.toggle("block!");
      return;
    }
    const isHidden = wrapper.classList.toggle("xl:hidden!");
    localStorage.setItem("sidebarDesktopOpen", isHidden ? "0" : "1");
  };

  const showWhereOneIs = () => {
    const list = document.getElementById("nav-sidebar-apps");
    const here = list?.querySelector("a.active");
    if (!here) return;
    const below = here.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
    if (below > 0) list.scrollTop += below + list.clientHeight / 2;
  };

  const bindShell = () => {
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.addEventListener("click", () => chooseTheme(button.dataset.theme));
    }
    if (!isStrict) return;
    showWhereOneIs();
    if (localStorage.getItem("sidebarDesktopOpen") === "0") toggleSidebar("desktop");
    for (const button of document.querySelectorAll("[data-sidebar]")) {
      button.addEventListener("click", () => toggleSidebar(button.dataset.sidebar));
    }
  };

  /* ---- countdowns ---- */
  const inWords = (seconds, over) => {
    if (seconds <= 0) return over;
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    return minutes ? `${minutes} min` : `${seconds} s`;
  };
  const showCountdowns = () => {
    for (const time of document.querySelectorAll("time[data-countdown]")) {
      const left = Math.floor((new Date(time.dateTime) - Date.now()) / 1000);
      const words = inWords(left, time.dataset.over || "no time: expired");
      if (time.textContent !== words) time.textContent = words;
    }
  };

  /* ---- keys ---- */
  const isTyping = (target) => target instanceof Element && target.closest("input:not([data-scorecard] [type=radio]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row] .cs-row-link")];
  const moveTo = (step) => {
    const links = rows();
    if (!links.length) {
      document.querySelector(`[data-step=${step > 0 ? "next" : "previous"}]`)?.click();
      return;
    }
    const here = links.indexOf(document.activeElement);
    const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
    links[next].focus();
    links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
  };
  const openHelp = () => document.getElementById("cs-help")?.showModal();
  const openPanel = (selector) => {
    const panel = document.querySelector(selector);
    if (!panel) return;
    panel.open = true;
    panel.querySelector("input:not([type=hidden]), textarea, select").focus();
  };
  const approve = () => document.querySelector("form[data-vote=approve]")?.requestSubmit();
  const goBack = () => {
    const inbox = document.querySelector("[data-inbox]");
    if (inbox) window.location.assign(inbox.dataset.inbox);
  };

  /* ---- scorecard: 1, 2, 3 answer the question in focus, else the first without an answer; N takes the next sample ---- */
  const answer = (key) => {
    const questions = [...document.querySelectorAll("[data-scorecard] [data-question]")];
    const isOpen = (item) => !item.querySelector("input[type=radio]:checked");
    const question = document.activeElement.closest("[data-question]") || questions.find(isOpen);
    const choice = question?.querySelector(`input[data-key="${key}"]`);
    if (!choice) return;
    choice.checked = true;
    const next = key === "2" ? question : questions.find(isOpen);
    if (key === "2") question.querySelector("input[type=text]").focus();
    else (next?.querySelector("input[type=radio]") || document.querySelector("[data-scorecard] button")).focus();
  };
  const takeNext = () => document.querySelector("form[data-next]")?.requestSubmit();

  const loadedAt = performance.now();
  const actions = {
    j: () => moveTo(1), k: () => moveTo(-1), a: approve, e: () => openPanel("[data-edit]"), h: () => openPanel("[data-hold]"),
    s: () => openPanel("[data-escalate]"), r: () => openPanel("[data-deny]"), u: goBack, n: takeNext,
    1: () => answer("1"), 2: () => answer("2"), 3: () => answer("3"), "?": openHelp,
  };
  const closeStopper = (event) => {
    const stopper = document.querySelector("[data-stopper][open]");
    if (!stopper || (event.type === "click" && stopper.contains(event.target))) return false;
    stopper.open = false;
    if (event.type === "keydown") stopper.querySelector("summary").focus();
    return true;
  };
  const onKey = (event) => {
    if (event.key === "Escape") {
      if (closeStopper(event)) return;
      const panel = document.querySelector(".cs-bar details[open]");
      if (panel) {
        panel.open = false;
        panel.querySelector("summary").focus();
      }
      return;
    }
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (!action || !isPlain || event.repeat || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key.toLowerCase() === "a" && performance.now() - loadedAt < READING_MS) return;
    event.preventDefault();
    action();
  };

  /* ---- who else has it open: told every minute, while the page can be seen ---- */
  const LOOK_MS = 60_000;
  const look = async (page) => {
    if (document.hidden) return;
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
    const answer = await fetch(page.dataset.look, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok) return;
    const found = await answer.json();
    const told = page.querySelector("[data-looking]");
    const words = found.others.map((other) => `${other.name} is looking at this since ${other.since} UTC.`);
    const digest = page.querySelector("input[name=digest]")?.value;
    if (!found.is_open) words.unshift("It was decided meanwhile. Reload the page to see by whom.");
    else if (digest !== found.digest) words.unshift("The change is another one by now. Reload the page to see it.");
    told.textContent = words.join(" ");
    told.hidden = !words.length;
  };
  const startLooking = () => {
    const page = document.querySelector("[data-look]");
    if (!page) return;
    setInterval(() => look(page).catch(() => {}), LOOK_MS);
    document.addEventListener("visibilitychange", () => look(page).catch(() => {}));
  };

  /* ---- one submit per click ---- */
  const onSubmit = (event) => {
    const form = event.target;
    if (!form.matches("[data-vote], [data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    for (const button of document.querySelectorAll("form[data-vote] button, form[data-once] button")) {
      button.setAttribute("aria-disabled", "true");
    }
  };
  const onReturn = (event) => {
    if (!event.persisted) return; // back to a page that was already sent: it may be sent again, the server decides
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  };

  document.addEventListener("DOMContentLoaded", () => {
    bindShell();
    startLooking();
    for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", openHelp);
    document.querySelector("[data-focus]")?.focus();
    document.addEventListener("keydown", onKey);
    document.addEventListener("submit", onSubmit);
    document.addEventListener("click", closeStopper);
    window.addEventListener("pageshow", onReturn);
    if (document.querySelector("time[data-countdown]")) {
      showCountdowns();
      setInterval(showCountdowns, 1000);
    }
  });
})();
