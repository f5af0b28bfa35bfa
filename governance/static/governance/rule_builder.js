// The rule builder: choices make a sentence, the server judges it while it is written. No markup is ever built from text.
(() => {
  "use strict";
  const root = document.querySelector(".rb");
  if (!root) return;
  const desk = JSON.parse(document.getElementById("rule-desk").textContent);
  const { choices } = desk;
  const subjects = new Map(choices.subjects.map((subject) => [subject.name, subject]));
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
  const rule = {
    key: "", name: "", owner: "", reason: "", applies_to: "agents", actions: [], objects: [], fields: [],
    conditions: [], effect: "approval", groups: [], any_groups: [], count: 1, tier: "", ...desk.rule,
  };
  let isActive = rule.is_active !== false;
  delete rule.is_active;
  let isChanged = false;
  const slot = (name) => root.querySelector(`[data-slot="${name}"]`);
  const make = (tag, members = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), members);
    element.append(...children);
    return element;
  };

  // ---- parts ------------------------------------------------------------------------------------------------------
  const select = (label, options, value, onChange) => {
    const element = make("select", { ariaLabel: label });
    for (const [key, words] of options) element.append(make("option", { value: key, textContent: words }));
    element.value = value;
    element.addEventListener("change", () => onChange(element.value));
    return element;
  };
  const pick = (label, options, chosen, onChange, { any = "", isFree = false } = {}) => {
    const known = new Map(options);
    const box = make("details", { className: "rb-pick" });
    const told = () => chosen.map((key) => known.get(key) ?? key).join(", ") || any || label;
    const summary = make("summary", { textContent: told(), ariaLabel: `${label}: ${told()}` });
    const menu = make("div", { className: "rb-menu" });
    const put = (list) => {
      chosen = list;
      summary.textContent = told();
      summary.ariaLabel = `${label}: ${told()}`;
      onChange(chosen);
    };
    const row = (key, words) => {
      const input = make("input", { type: "checkbox", checked: chosen.includes(key) });
      input.addEventListener("change", () => put(input.checked ? [...chosen, key] : chosen.filter((other) => other !== key)));
      return make("label", {}, input, make("span", { textContent: words }));
    };
    const rows = [...known, ...chosen.filter((key) => !known.has(key)).map((key) => [key, key])].map(([key, words]) => row(key, words));
    if (rows.length > 12) {
      const find = make("input", { type: "text", className: "rb-find", placeholder: "Find", ariaLabel: `Find in ${label}` });
      find.addEventListener("input", () => {
        const wanted = find.value.toLowerCase();
        for (const item of rows) item.hidden = !item.textContent.toLowerCase().includes(wanted);
      });
      menu.append(find);
    }
    menu.append(...rows);
    if (isFree) {
      const own = make("input", { type: "text", placeholder: "Another value", ariaLabel: `Another value for ${label}` });
      const add = make("button", { type: "button", className: "rb-plain", textContent: "Add" });
      const take = () => {
        const fresh = own.value.split(/[\n,;]/).map((text) => text.trim()).filter((text) => text && !chosen.includes(text));
        if (!fresh.length) return;
        for (const text of fresh) menu.insertBefore(row(text, text), own.parentElement);
        put([...chosen, ...fresh]);
        for (const input of menu.querySelectorAll("label")) if (fresh.includes(input.textContent)) input.firstChild.checked = true;
        own.value = "";
        own.focus();
      };
      add.addEventListener("click", take);
      own.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); take(); } });
      menu.append(make("div", { className: "rb-own" }, own, add));
    }
    box.append(summary, menu);
    return box;
  };
  document.addEventListener("click", (event) => {
    for (const open of root.querySelectorAll(".rb-pick[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of root.querySelectorAll(".rb-pick[open]")) { open.open = false; open.querySelector("summary").focus(); }
  });

  // ---- what can be chosen -----------------------------------------------------------------------------------------
  const objects = () => (rule.objects.length ? rule.objects : Object.keys(choices.fields));
  const fields = () => {
    const found = new Map();
    for (const object of objects()) for (const [name, field] of Object.entries(choices.fields[object] ?? {})) if (!found.has(name)) found.set(name, field.label === name ? name : `${field.label} (${name})`);
    return [...found].sort((one, other) => one[1].localeCompare(other[1]));
  };
  const valuesOf = (condition) => {
    const subject = subjects.get(condition.subject);
    if (condition.subject === "finding") return choices.findings;
    if (condition.subject === "agent") return choices.agents.map((name) => [name, name]);
    if (condition.subject === "connection") return choices.connections.map((name) => [name, name]);
    if (subject.choices.length) return subject.choices.map((name) => [name, name.replaceAll("_", " ")]);
    const found = new Set();
    for (const object of objects()) for (const option of choices.fields[object]?.[condition.field]?.options ?? []) found.add(option);
    return [...found].map((option) => [option, option]);
  };
  const listsOf = (subject) => choices.lists.filter(([, , kind]) => subject.list_kinds.includes(kind)).map(([name, title]) => [name, title]);

  // ---- drawing ----------------------------------------------------------------------------------------------------
  const drawOpening = () => {
    const line = slot("opening");
    line.replaceChildren(
      select("Who", choices.applies_to, rule.applies_to, (value) => { rule.applies_to = value; touched(); }),
      pick("What it does", choices.actions, rule.actions, (list) => { rule.actions = list; touched(); }, { any: "does anything" }),
      pick("Fields", fields(), rule.fields, (list) => { rule.fields = list; touched(); }, { any: "any field" }),
      make("span", { textContent: "on" }),
      pick("Objects", Object.keys(choices.fields).map((name) => [name, name]), rule.objects, (list) => { rule.objects = list; touched(); drawConditions(); }, { any: "any object" }),
    );
  };
  const drawConditions = () => slot("conditions").replaceChildren(...rule.conditions.map(drawCondition));
  const drawCondition = (condition, index) => {
    const subject = subjects.get(condition.subject) ?? choices.subjects[0];
    const line = make("div", { className: "rb-condition" }, make("span", { textContent: "and" }));
    line.append(select("What is tested", choices.subjects.map((item) => [item.name, item.words]), condition.subject, (value) => {
      const next = subjects.get(value);
      rule.conditions[index] = { subject: value, operator: next.operators[0], field: next.has_field ? condition.field : "", values: [] };
      touched(); drawConditions();
    }));
    if (subject.has_field) {
      line.append(select("Field", [["", "choose a field"], ...fields()], condition.field, (value) => { condition.field = value; condition.values = []; touched(); drawConditions(); }));
    }
    if (condition.subject === "finding") {
      line.append(select("How", [["one_of", "holds any of"], ["none_of", "holds none of"]], condition.operator, (value) => { condition.operator = value; touched(); }));
    } else if (condition.subject === "duplicate") {
      line.append(select("How", [["not_empty", "exists"], ["is_empty", "does not exist"]], condition.operator, (value) => { condition.operator = value; touched(); }));
    } else {
      line.append(select("How", subject.operators.map((name) => [name, choices.operators[name]]), condition.operator, (value) => { condition.operator = value; condition.values = []; touched(); drawConditions(); }));
    }
    line.append(...drawValues(condition, subject));
    const remove = make("button", { type: "button", className: "rb-remove", textContent: "Remove", ariaLabel: `Remove condition ${index + 1}` });
    remove.addEventListener("click", () => { rule.conditions.splice(index, 1); touched(); drawConditions(); });
    line.append(remove);
    return line;
  };
  const drawValues = (condition, subject) => {
    const [least, most] = choices.value_counts[condition.operator];
    if (most === 0) return [];
    if (choices.takes_lists.includes(condition.operator)) {
      return [pick("Lists", listsOf(subject), condition.values, (list) => { condition.values = list; touched(); }, { any: "choose a list" })];
    }
    if (choices.takes_numbers.includes(condition.operator) || condition.operator === "from_to") {
      const isNumber = condition.operator !== "from_to";
      return Array.from({ length: most }, (_, position) => {
        const input = make("input", { type: "text", inputMode: isNumber ? "decimal" : "text", className: isNumber ? "rb-number" : "", value: condition.values[position] ?? "", ariaLabel: ["Value", "Second value"][position], placeholder: isNumber ? (condition.subject === "confidence" ? "0.8" : "number") : ["from", "to"][position] });
        input.addEventListener("input", () => { condition.values[position] = input.value.trim(); for (let other = 0; other < most; other += 1) condition.values[other] ??= ""; touched(); });
        return input;
      });
    }
    const options = valuesOf(condition);
    if (most === 1 && !options.length) {
      const input = make("input", { type: "text", value: condition.values[0] ?? "", ariaLabel: "Value", placeholder: "value" });
      input.addEventListener("input", () => { condition.values = input.value.trim() ? [input.value.trim()] : []; touched(); });
      return [input];
    }
    if (most === 1) return [select("Value", [["", "choose"], ...options], condition.values[0] ?? "", (value) => { condition.values = value ? [value] : []; touched(); })];
    const isClosed = subject.choices.length > 0 || ["agent", "connection"].includes(condition.subject);
    return [pick("Values", options, condition.values, (list) => { condition.values = list; touched(); }, { any: "choose values", isFree: !isClosed })];
  };
  const drawEffect = () => {
    const line = slot("effect");
    line.replaceChildren(select("What follows", choices.effects, rule.effect, (value) => { rule.effect = value; rule.tier = value === "raise_tier" ? rule.tier || "approval" : ""; touched(); drawEffect(); }));
    if (rule.effect === "raise_tier") {
      line.append(make("span", { textContent: "to" }), select("Tier", [["gated", "gated"], ["approval", "approval"], ["blocked", "blocked"]], rule.tier, (value) => { rule.tier = value; touched(); }));
    }
    if (rule.effect !== "approval") return;
    const people = make("input", { type: "number", min: "1", max: "20", className: "rb-number", value: rule.count, ariaLabel: "People in all" });
    people.addEventListener("input", () => { rule.count = Number.parseInt(people.value, 10) || 1; touched(); });
    line.append(
      make("span", { textContent: "of every one of" }),
      pick("All of these groups", choices.groups, rule.groups, (list) => { rule.groups = list; touched(); }, { any: "no group of its own" }),
      make("span", { textContent: "and any one of" }),
      pick("Any of these groups", choices.groups, rule.any_groups, (list) => { rule.any_groups = list; touched(); }, { any: "no choice of groups" }),
      make("span", { textContent: "people in all" }), people,
    );
  };
  const drawAbout = () => {
    const form = root.querySelector(".rb-form");
    const owner = form.elements.owner;
    owner.append(make("option", { value: "", textContent: "choose a person" }));
    for (const [key, name] of choices.people) owner.append(make("option", { value: key, textContent: name }));
    for (const name of ["name", "reason", "owner"]) {
      form.elements[name].value = rule[name];
      form.elements[name].addEventListener("input", () => { rule[name] = form.elements[name].value; touched(); });
    }
    form.elements.is_active.checked = isActive;
    form.elements.is_active.addEventListener("change", () => { isActive = form.elements.is_active.checked; isChanged = true; });
    form.addEventListener("submit", (event) => event.preventDefault());
    if (!desk.may_edit) for (const element of form.elements) element.disabled = true;
  };

  // ---- the server's word ------------------------------------------------------------------------------------------
  const send = async (address) => {
    const answer = await fetch(address, {
      method: "POST", credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ rule, is_active: isActive }),
    });
    if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error("refused");
    return answer.json();
  };
  const list = (name, lines) => slot(name).replaceChildren(...lines.map((text) => make("li", { textContent: text })));
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  let timer = 0;
  let asked = 0;
  const touched = () => { isChanged = true; look(); };
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++asked;
      try {
        const said = await send(root.dataset.check);
        if (number !== asked) return;
        slot("sentence").textContent = said.sentence;
        list("errors", said.errors.map(capital));
        list("warnings", said.warnings);
      } catch { list("errors", ["The rule could not be checked. Look at your connection, then change something again."]); }
    }, 250);
  };
  root.querySelector('[data-act="add"]').addEventListener("click", () => {
    rule.conditions.push({ subject: "confidence", operator: "less", field: "", values: [] });
    touched(); drawConditions();
    slot("conditions").lastElementChild.querySelector("select").focus();
  });
  root.querySelector('[data-act="try"]').addEventListener("click", async () => {
    const place = slot("trial");
    place.replaceChildren(make("p", { className: "rb-trial", textContent: "Looking …" }));
    try {
      const said = await send(root.dataset.try);
      const lines = said.matches.map((match) => make("li", {}, make("a", { href: match.link, textContent: match.title }), make("div", { className: "rb-quiet", textContent: match.detail })));
      place.replaceChildren(make("div", { className: "rb-trial" }, make("p", { textContent: said.summary }), make("ul", {}, ...lines)));
    } catch { place.replaceChildren(make("p", { className: "rb-trial", textContent: "It could not be tried. Mend what is named above first." })); }
  });
  root.querySelector('[data-act="save"]')?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      const said = await send(root.dataset.save);
      if (said.next) { isChanged = false; location.assign(said.next); return; }
      list("errors", said.errors.map(capital));
      slot("errors").scrollIntoView({ block: "center" });
    } catch { list("errors", ["It was not saved. Look at your connection and your permissions, then save again."]); }
    button.disabled = false;
  });
  addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  drawOpening(); drawConditions(); drawEffect(); drawAbout(); look();
  if (desk.is_prefilled) root.querySelector('[data-act="try"]').click();
})();
