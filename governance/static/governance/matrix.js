/* The ownership matrix as a sheet. Every cell is text; the server says what a text means and what is wrong with it. */
(() => {
  "use strict";

  const page = document.getElementById("cs-matrix");
  if (!page) return;
  const at = (id) => document.getElementById(id);
  const KEYS = ["connection", "object", "field", "label", "type", "review"];
  const CARDS = 40;

  let table;
  let columns = [];
  let isEditable = false;
  const saved = new Map(); // id → { version, cells } as the server has it
  const errors = new Map(); // id → { column: message }
  const undone = { past: [], future: [] };

  const nameOf = (row) => row.name;
  const words = (text) => text.replaceAll("_", " ");
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /* ---- what was changed ---- */
  const dirtyCells = (row) => {
    const before = saved.get(row.id).cells;
    return columns.filter((column) => row[column.name] !== before[column.name]).map((column) => column.name);
  };
  const edits = () =>
    table
      .getData()
      .map((row) => ({ row, names: dirtyCells(row) }))
      .filter((item) => item.names.length)
      .map(({ row, names }) => ({
        id: row.id,
        version: saved.get(row.id).version,
        cells: Object.fromEntries(names.map((name) => [name, row[name]])),
      }));

  const showState = () => {
    const rows = edits();
    const cells = rows.reduce((sum, row) => sum + Object.keys(row.cells).length, 0);
    at("cs-state").textContent = cells
      ? `${cells} cell${cells === 1 ? "" : "s"} in ${rows.length} row${rows.length === 1 ? "" : "s"} changed, not saved yet`
      : "Everything is saved";
    for (const id of ["cs-save", "cs-discard"]) if (at(id)) at(id).disabled = !cells;
    if (at("cs-undo")) at("cs-undo").disabled = !undone.past.length;
    return cells;
  };

  /* ---- changing cells: one way for typing, pasting, filling and undoing ---- */
  const write = (changes, side) => {
    const byRow = new Map();
    for (const change of changes) {
      const row = byRow.get(change.id) || {};
      row[change.name] = change[side];
      byRow.set(change.id, row);
      const wrong = errors.get(change.id);
      if (wrong) delete wrong[change.name];
    }
    table.blockRedraw();
    for (const [id, cells] of byRow) table.getRow(id)?.update(cells);
    table.restoreRedraw();
    for (const id of byRow.keys()) table.getRow(id)?.reformat();
    showState();
  };
  const change = (wanted) => {
    const changes = wanted
      .filter(({ name }) => columns.some((column) => column.name === name))
      .map(({ id, name, after }) => ({ id, name, after, before: table.getRow(id).getData()[name] }))
      .filter((item) => item.before !== item.after);
    if (!isEditable || !changes.length) return 0;
    undone.past.push(changes);
    undone.future.length = 0;
    write(changes, "after");
    return changes.length;
  };
  const undo = () => {
    const changes = undone.past.pop();
    if (!changes) return;
    undone.future.push(changes);
    write(changes, "before");
  };
  const redo = () => {
    const changes = undone.future.pop();
    if (!changes) return;
    undone.past.push(changes);
    write(changes, "after");
  };

  /* ---- selection ---- */
  const range = () => table.getRanges()[0];
  const selected = () => {
    const found = range();
    if (!found) return [];
    const names = found.getColumns().map((column) => column.getField());
    return found.getRows().flatMap((row) => names.map((name) => ({ id: row.getData().id, name })));
  };
  const paste = (text) => {
    const found = range();
    if (!found) return;
    const block = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const rows = table.getRows("active");
    const fields = table.getColumns().filter((column) => column.isVisible()).map((column) => column.getField());
    const top = rows.findIndex((row) => row.getData().id === found.getRows()[0].getData().id);
    const left = fields.indexOf(found.getColumns()[0].getField());
    const height = Math.max(block.length, block.length === 1 ? found.getRows().length : 0);
    const wanted = [];
    for (let y = 0; y < height && rows[top + y]; y += 1) {
      const line = block[y % block.length];
      const width = Math.max(line.length, line.length === 1 ? found.getColumns().length : 0);
      for (let x = 0; x < width && fields[left + x]; x += 1) {
        wanted.push({ id: rows[top + y].getData().id, name: fields[left + x], after: (line[x % line.length] || "").trim() });
      }
    }
    const done = change(wanted);
    say(done ? `Pasted into ${done} cell${done === 1 ? "" : "s"}.` : "Nothing to paste there: the first columns cannot be edited.");
  };
  const fillDown = () => {
    const found = range();
    if (!found) return;
    const first = found.getRows()[0].getData();
    change(selected().map((cell) => ({ ...cell, after: first[cell.name] })));
  };

  /* ---- how a cell looks ---- */
  const formatter = (cell) => {
    const row = cell.getData();
    const name = cell.getField();
    const box = cell.getElement();
    const wrong = errors.get(row.id)?.[name];
    const isDirty = row[name] !== saved.get(row.id).cells[name];
    box.classList.toggle("cs-dirty", isDirty);
    box.classList.toggle("cs-wrong", Boolean(wrong));
    box.title = wrong || (isDirty ? `was: ${saved.get(row.id).cells[name] || "empty"}` : "");
    return document.createTextNode(columns.find((column) => column.name === name).kind === "choice" ? words(row[name]) : row[name]);
  };
  const editorOf = (column) => {
    if (!column.options.length) return { editor: "input" };
    const values = column.options.map((value) => ({ value, label: value === "" ? "–" : column.kind === "choice" ? words(value) : value }));
    if (column.kind === "words") return { editor: "input" };
    return { editor: "list", editorParams: { values, autocomplete: true, freetext: true, allowEmpty: true, listOnEmpty: true } };
  };
  /* The beginning of a choice stands for it where it can mean no other: `bl` is `blocked`. */
  const completed = (name, text) => {
    const options = columns.find((column) => column.name === name).options;
    if (!text || options.includes(text)) return text;
    const found = options.filter((value) => [value, words(value)].some((word) => word.toLowerCase().startsWith(text.toLowerCase())));
    return found.length === 1 ? found[0] : text;
  };
  const widths = { classification: 170, permission_level: 120, allowed_writers: 170, owner_group: 140, owner_person: 180, source_of_truth: 130, suggestion_field: 190, rollback_method: 100 };
  const makeColumns = () => [
    { title: "Label", field: "label", width: 170, headerFilter: "input", cssClass: "cs-fixed" },
    { title: "Type", field: "type", width: 90, headerFilter: "input", cssClass: "cs-fixed" },
    { title: "Review", field: "review", width: 105, headerFilter: "input", cssClass: "cs-fixed" },
    ...columns.map((column) => ({
      title: column.title,
      field: column.name,
      headerTooltip: column.help,
      width: widths[column.name] || 110,
      headerFilter: "input",
      formatter,
      editable: () => isEditable,
      ...editorOf(column),
    })),
    { title: "Connection", field: "connection", width: 120, headerFilter: "input", cssClass: "cs-fixed" },
  ];

  /* ---- talking ---- */
  const say = (text, kind) => {
    const line = at("cs-said");
    line.textContent = text;
    line.className = kind ? `cs-small cs-said-${kind}` : "cs-small cs-muted";
  };
  const goTo = (id, name) => {
    table.clearHeaderFilter();
    table.scrollToRow(id, "center", false).then(() => {
      const row = table.getRow(id);
      if (name) table.scrollToColumn(name, "middle", false);
      const cell = row.getCell(name || "label");
      if (cell) table.addRange(cell, cell);
    });
  };
  const showProblems = (answer) => {
    const box = at("cs-problems");
    box.replaceChildren();
    errors.clear();
    for (const error of answer.errors) {
      if (error.id && error.column) errors.set(error.id, { ...errors.get(error.id), [error.column]: error.message });
    }
    if (answer.errors.length) {
      box.append(element("h3", "cs-label", `Nothing was saved: ${answer.errors.length} thing${answer.errors.length === 1 ? "" : "s"} to mend`));
      const list = element("ul", "cs-problem-list");
      for (const error of answer.errors.slice(0, 100)) {
        const item = element("li");
        const column = columns.find((found) => found.name === error.column);
        const link = element("button", "cs-link", `${error.row}${column ? ` · ${column.title}` : ""}`);
        link.type = "button";
        if (error.id) link.addEventListener("click", () => goTo(error.id, error.column));
        item.append(link, document.createTextNode(` ${error.message}`));
        list.append(item);
      }
      box.append(list);
    }
    for (const conflict of answer.conflicts) box.append(conflictCard(conflict));
    box.hidden = !box.childElementCount;
    table.getRows().forEach((row) => (errors.has(row.getData().id) || row.getElement().querySelector(".cs-wrong")) && row.reformat());
    if (!box.hidden) box.scrollIntoView({ block: "nearest" });
  };

  /* ---- a row that someone else changed: before · now · yours ---- */
  const conflictCard = (conflict) => {
    const mine = table.getRow(conflict.id).getData();
    const before = saved.get(conflict.id).cells;
    const card = element("div", "cs-conflict-card");
    card.append(element("h3", "cs-label", `${conflict.row} was changed by someone else meanwhile. Nothing was saved.`));
    const grid = element("table", "cs-three-way");
    const head = element("tr");
    for (const title of ["", "When you opened it", "Now", "Yours"]) head.append(element("th", "", title));
    grid.append(head);
    const differing = columns.filter(({ name }) => before[name] !== conflict.cells[name] || mine[name] !== before[name]);
    for (const { name, title, kind } of differing) {
      const line = element("tr");
      const isClash = before[name] !== conflict.cells[name] && mine[name] !== before[name] && mine[name] !== conflict.cells[name];
      line.className = isClash ? "cs-clash" : "";
      line.append(element("th", "", title));
      for (const text of [before[name], conflict.cells[name], mine[name]]) line.append(element("td", "", (kind === "choice" ? words(text) : text) || "–"));
      grid.append(line);
    }
    card.append(grid);
    const settle = (isMine) => {
      const wanted = differing
        .filter(({ name }) => !isMine || mine[name] === before[name])
        .map(({ name }) => ({ id: conflict.id, name, before: mine[name], after: conflict.cells[name] }));
      saved.set(conflict.id, { version: conflict.version, cells: { ...conflict.cells } });
      write(wanted, "after");
      table.getRow(conflict.id).reformat();
      showState();
      card.remove();
      at("cs-problems").hidden = !at("cs-problems").childElementCount;
      say(isMine ? "Yours is kept beside theirs. Save to put it in." : "Theirs is taken.");
    };
    const actions = element("div", "cs-toolbar");
    for (const [text, isMine] of [["Keep mine, with their other changes", true], ["Take theirs", false]]) {
      const button = element("button", "cs-plain-button", text);
      button.type = "button";
      button.addEventListener("click", () => settle(isMine));
      actions.append(button);
    }
    card.append(actions);
    return card;
  };

  const save = async () => {
    const rows = edits();
    if (!rows.length) return;
    at("cs-save").disabled = true;
    say("Saving …");
    let answer;
    try {
      const response = await fetch(page.dataset.sheet, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": page.querySelector("[name=csrfmiddlewaretoken]").value },
        body: JSON.stringify({ rows }),
      });
      answer = await response.json();
      if (!response.ok && response.status !== 409) throw new Error(answer.detail || "");
    } catch (error) {
      say(`Not saved. ${error.message || "The server did not answer as expected: try again, or reload the page."}`, "bad");
      showState();
      return;
    }
    if (!answer.errors.length && !answer.conflicts.length) {
      for (const row of answer.rows) saved.set(row.id, { version: row.version, cells: row.cells });
      for (const row of answer.rows) table.getRow(row.id)?.update(row.cells);
      for (const row of answer.rows) table.getRow(row.id)?.reformat();
      undone.past.length = 0;
      undone.future.length = 0;
      say(`${answer.rows.length} row${answer.rows.length === 1 ? " is" : "s are"} saved. Publish the policy to put this in force.`, "good");
    } else {
      say("Not saved: see what to mend.", "bad");
    }
    showProblems(answer);
    showState();
  };
  const discard = () => {
    const changes = edits().flatMap((row) => Object.keys(row.cells).map((name) => ({ id: row.id, name, after: saved.get(row.id).cells[name] })));
    change(changes);
    errors.clear();
    at("cs-problems").hidden = true;
    table.getRows().forEach((row) => row.getElement().querySelector(".cs-wrong") && row.reformat());
    say("Back to what is saved. Undo brings your changes back.");
  };

  /* ---- cards for narrow screens ---- */
  let shownCards = CARDS;
  const showCards = (rows) => {
    const wanted = at("cs-search").value.trim().toLowerCase();
    const found = rows.filter((row) => !wanted || `${nameOf(row)} ${row.label} ${row.owner_group} ${row.permission_level}`.toLowerCase().includes(wanted));
    const list = at("cs-cards");
    list.replaceChildren();
    for (const row of found.slice(0, shownCards)) {
      const card = element("li", "cs-card");
      card.append(element("h3", "cs-label", nameOf(row)), element("p", "cs-muted cs-small", row.label));
      const facts = element("dl", "cs-card-facts");
      for (const column of columns) {
        if (!row[column.name] || row[column.name] === "no") continue;
        facts.append(element("dt", "", column.title), element("dd", "", words(row[column.name])));
      }
      card.append(facts);
      if (isEditable) {
        const link = element("a", "cs-link", row.ownership ? "Edit" : "Add to the matrix");
        link.href = row.ownership ? page.dataset.change.replace("00000000-0000-0000-0000-000000000000", row.ownership) : `${page.dataset.add}?field=${row.id}`;
        card.append(link);
      }
      list.append(card);
    }
    at("cs-card-count").textContent = `${Math.min(shownCards, found.length)} of ${found.length} fields`;
    at("cs-more-cards").hidden = found.length <= shownCards;
  };

  /* ---- start ---- */
  const start = (answer) => {
    columns = answer.columns;
    isEditable = answer.is_editable;
    const rows = answer.rows.map(([id, ownership, version, key, cells]) => {
      const named = Object.fromEntries(columns.map((column, index) => [column.name, cells[index]]));
      saved.set(id, { version, cells: { ...named } });
      return { id, ownership, name: `${key[1]}.${key[2]}`, ...Object.fromEntries(KEYS.map((name, index) => [name, key[index]])), ...named };
    });
    at("cs-count").textContent = `${rows.length.toLocaleString("en")} field${rows.length === 1 ? "" : "s"}`;
    at("cs-search").addEventListener("input", () => showCards(rows));
    at("cs-more-cards").addEventListener("click", () => {
      shownCards += CARDS;
      showCards(rows);
    });
    showCards(rows);
    if (!rows.length) {
      at("cs-nothing").hidden = false;
      at("cs-sheet").hidden = true;
      return;
    }
    table = new Tabulator("#cs-sheet", {
      data: rows,
      index: "id",
      rowHeader: { title: "Field", field: "name", frozen: true, width: 250, headerFilter: "input", resizable: true, headerSort: false, cssClass: "cs-name" },
      columns: makeColumns(),
      columnDefaults: { headerSort: true, resizable: "header", vertAlign: "middle" },
      height: "100%",
      rowHeight: 32,
      layout: "fitData",
      renderHorizontal: "virtual",
      selectableRange: 1,
      headerSortClickElement: "icon",
      selectableRangeColumns: true,
      selectableRangeRows: true,
      editTriggerEvent: "dblclick",
      placeholder: "No field matches the filters.",
    });
    table.on("tableBuilt", () => {
      nameFilters();
      showState();
      takeDrafts();
    });
    table.on("cellEdited", (cell) => {
      const changed = { id: cell.getData().id, name: cell.getField(), before: cell.getOldValue() ?? "", after: completed(cell.getField(), String(cell.getValue() ?? "").trim()) };
      if (changed.after !== cell.getValue()) cell.getRow().update({ [changed.name]: changed.after });
      if (changed.before === changed.after) return;
      undone.past.push([changed]);
      undone.future.length = 0;
      write([changed], "after");
    });
    bind();
  };
  /* The grid's parts by name, for who does not see them; its scrolled part is reached through its cells. */
  const nameFilters = () => {
    for (const column of table.getColumns()) {
      column.getElement().querySelector("input[type=search]")?.setAttribute("aria-label", `Filter by ${column.getDefinition().title}`);
    }
    document.querySelector("#cs-sheet > .tabulator-tableholder").removeAttribute("tabindex");
  };
  /* What a schema review wants filled in: shown as changes that nobody saved yet, with their rows alone in sight. */
  const takeDrafts = () => {
    const given = at("cs-drafts");
    if (!given || !isEditable) return;
    const drafts = JSON.parse(given.textContent);
    const ids = Object.keys(drafts).filter((id) => saved.has(id));
    const cells = change(ids.flatMap((id) => Object.entries(drafts[id]).map(([name, after]) => ({ id, name, after }))));
    if (!cells) return;
    table.setFilter((row) => ids.includes(row.id));
    say(`${cells} cell${cells === 1 ? " is" : "s are"} filled in from your review, not saved yet. Look, then save. “Clear filters” shows all fields.`, "good");
  };
  const bind = () => {
    at("cs-save")?.addEventListener("click", save);
    at("cs-discard")?.addEventListener("click", discard);
    at("cs-undo")?.addEventListener("click", undo);
    at("cs-clear-filters").addEventListener("click", () => table.clearFilter(true));
    at("cs-set-form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const after = at("cs-set-value").value.trim();
      const done = change(selected().map((cell) => ({ ...cell, after })));
      say(done ? `${done} cell${done === 1 ? "" : "s"} set to “${after || "nothing"}”.` : "Select cells to set first.");
    });
    const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]");
    document.addEventListener("paste", (event) => {
      if (isTyping(event.target) || !isEditable || !range()) return;
      event.preventDefault();
      paste(event.clipboardData.getData("text/plain"));
    });
    document.addEventListener("copy", (event) => {
      const found = range();
      if (isTyping(event.target) || !found || String(window.getSelection()).includes("\n\n")) return;
      const names = found.getColumns().map((column) => column.getField());
      const text = found.getRows().map((row) => names.map((name) => row.getData()[name]).join("\t")).join("\n");
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      const isCommand = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (isCommand && key === "s") {
        event.preventDefault();
        document.activeElement?.blur?.();
        save();
      }
      if (isTyping(event.target)) return;
      if (isCommand && key === "z" && !event.shiftKey) undo();
      else if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) redo();
      else if (isCommand && key === "d") fillDown();
      else if ((key === "delete" || key === "backspace") && range()) change(selected().map((cell) => ({ ...cell, after: "" })));
      else return startTyping(event);
      event.preventDefault();
    });
    window.addEventListener("beforeunload", (event) => {
      if (edits().length) event.preventDefault();
    });
  };
  /* A letter over a selected cell takes the place of what is there, F2 keeps it, as in every spreadsheet. */
  const startTyping = (event) => {
    if (event.key !== "F2" && (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey)) return;
    const cell = range()?.getCells?.()[0]?.[0];
    if (!cell || !isEditable || !at("cs-sheet").contains(document.activeElement)) return;
    event.preventDefault();
    cell.edit();
    const input = cell.getElement().querySelector("input");
    if (event.key === "F2" || !input) return;
    input.value = event.key; // the browser would drop it: the key went down before there was an input
    input.setSelectionRange(1, 1);
  };

  fetch(page.dataset.sheet, { headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`the server answered ${response.status}`))))
    .then(start)
    .catch((error) => say(`The matrix could not be loaded: ${error.message}. Reload the page.`, "bad"));
})();
