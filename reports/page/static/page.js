"use strict";

// The filters of the table and the case that the address names.
const asked = () => (location.hash.includes("=") ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : {});
const wanted = () => { const { case: _, pair: __, open: ___, ...rest } = asked(); return rest; };

class CaseTable {
  constructor(data) {
    this.data = data;
    this.form = find("#filters");
    this.dialog = find("#case");
    this.matching = data.ids.map((_, at) => at);
    const lines = data.ids.map((_, at) => ({ at, name: data.cases.name[at], ...Object.fromEntries(data.columns.map(({ key }) => [key, data.name(data.cases[key], at)])) }));
    this.table = new Tabulator("#table", { data: lines, columns: columns(data), height: "min(75vh, 60rem)", rowHeight: 44, placeholder: data.texts.none, columnDefaults: { resizable: false }, autoResize: false }); // it would rebuild all rows under the pointer when the table first comes into view
    this.table.on("tableBuilt", () => this.built());
  }

  built() {
    label(this.table.element, this.data.texts.cases);
    this.form.addEventListener("input", () => this.chosen());
    this.form.addEventListener("reset", () => setTimeout(() => this.chosen()));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", (event) => { const button = event.target.closest("button.fold"); if (button) this.toggle(button.dataset.family); });
    addEventListener("hashchange", () => this.follow());
    addEventListener("resize", () => this.table.redraw());
    this.dialog.addEventListener("close", () => { if (asked().case || asked().pair) location.hash = asked().pair ? "#pairs" : address(wanted()); });
    this.dialog.addEventListener("click", (event) => this.clicked(event));
    this.table.on("rowClick", (event, row) => { if (!event.target.closest("a")) location.hash = address({ ...wanted(), case: this.data.ids[row.getData().at] }); });
    this.follow();
    if (Object.keys(wanted()).length && !asked().case) find("#cases").scrollIntoView();
    document.documentElement.dataset.ready = "";
  }

  // A filter was changed: update the address.
  chosen() {
    const values = Object.fromEntries([...new FormData(this.form)].filter(([, value]) => value));
    this.keep(values);
    this.filter();
  }

  // Write filters and open families to the address.
  keep(values) { history.replaceState(null, "", Object.keys(values).length || openFamilies.size ? address(values) : "#cases"); }

  // Open or close a family of targets, or all for no name, in both tables.
  toggle(family) {
    const folding = this.data.families.filter(([, , folds]) => folds).map(([name]) => name);
    const open = family ? !openFamilies.has(family) : openFamilies.size < folding.length;
    for (const name of family ? [family] : folding) open ? openFamilies.add(name) : openFamilies.delete(name);
    this.fold();
    this.keep(wanted());
  }

  // Show the columns of open families, and one column for each closed one.
  fold() {
    this.table.blockRedraw();
    for (const [name, members, folds] of this.data.families) {
      if (!folds) continue;
      const open = openFamilies.has(name);
      for (const cell of document.querySelectorAll(`[data-open="${CSS.escape(name)}"]`)) cell.hidden = !open;
      for (const cell of document.querySelectorAll(`[data-closed="${CSS.escape(name)}"]`)) cell.hidden = open;
      for (const head of document.querySelectorAll(`[data-head="${CSS.escape(name)}"]`)) head.colSpan = open ? members.length : 1;
      for (const button of document.querySelectorAll(`button.fold[data-family="${CSS.escape(name)}"]`)) button.ariaExpanded = String(open);
      this.table[open ? "hideColumn" : "showColumn"](`family ${name}`);
      for (const title of members) this.table[open ? "showColumn" : "hideColumn"](`t${this.data.targets.indexOf(title)}`);
    }
    const all = find('button.fold[data-family=""]');
    if (all) all.ariaExpanded = String(openFamilies.size > 0);
    this.table.restoreRedraw();
  }

  // The address was changed: update the filters and the case.
  follow() {
    const values = wanted(), open = asked().open;
    if (open !== undefined) {
      openFamilies.clear();
      for (const name of open.split(",")) if (this.data.families.some(([family, , folds]) => folds && family === name)) openFamilies.add(name);
    }
    if (open !== undefined || !this.folded) this.fold();
    this.folded = true;
    for (const field of this.form.elements) if (field.name) field.value = values[field.name] ?? "";
    if (location.hash.includes("=") || this.filtered) this.filter();
    this.count();
    asked().case ? this.open(asked().case) : asked().pair ? this.move(asked().pair) : this.dialog.open && this.dialog.close();
    if (Object.keys(values).length && !asked().case && !asked().pair && event?.type === "hashchange" && !this.dialog.open) find("#cases").scrollIntoView();
  }

  filter() {
    const values = wanted(), key = JSON.stringify(values);
    if (key === this.filtered) return;
    this.filtered = key;
    const test = filter(this.data, values);
    this.matching = this.data.ids.map((_, at) => at).filter(test);
    const matching = new Set(this.matching);
    Object.keys(values).length ? this.table.setFilter((line) => matching.has(line.at)) : this.table.clearFilter();
    this.count();
  }

  count() { find("#count").textContent = filled(this.data.texts.shown, this.matching.length.toLocaleString(), this.data.ids.length.toLocaleString()); }

  async open(id) {
    const at = this.data.numbers.get(id), body = find("#case-body");
    this.at = at;
    if (at === undefined) body.replaceChildren(element("h2", { id: "case-name", tabIndex: -1 }, filled(this.data.texts.missing, id)));
    else if (this.data.places[at] < 0) body.replaceChildren(element("h2", { id: "case-name", tabIndex: -1 }, this.data.cases.name[at]), ...elsewhere(this.data, id));
    else body.innerHTML = await this.full(this.data.places[at]); // rendered and escaped when the page was generated; the policy runs no script in it
    this.show(address({ case: id }));
  }

  // The recipes of a pair of frameworks.
  async move(pair) {
    const packed = find("#recipes"), recipes = packed ? (packed.unpacked ??= await unpack(packed)) : {};
    this.at = undefined;
    find("#case-body").innerHTML = recipes[pair] ?? "";
    if (!recipes[pair]) find("#case-body").append(element("h2", { id: "case-name", tabIndex: -1 }, filled(this.data.texts.pairless, pair)));
    this.show(address({ pair }));
  }

  show(link) {
    find("#case-link").href = link;
    for (const button of this.dialog.querySelectorAll("[data-step]")) button.hidden = this.at === undefined;
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    find("#case-name").focus();
  }

  async full(place) {
    const dozen = document.querySelectorAll("script.dozen")[Math.floor(place / this.data.dozen)];
    return (dozen.unpacked ??= await unpack(dozen))[place % this.data.dozen];
  }

  clicked(event) {
    if (event.target === this.dialog || event.target.closest("[data-close]")) this.dialog.close();
    const step = Number(event.target.closest("[data-step]")?.dataset.step ?? 0);
    const next = this.matching[this.matching.indexOf(this.at) + step];
    if (step && next !== undefined) location.replace(address({ ...wanted(), case: this.data.ids[next] }));
  }
}

// The message for a case that the page does not include in full, with the command that creates a page of it.
function elsewhere(data, id) {
  const many = data.places.filter((place) => place >= 0).length;
  const command = element("code", {}, `poolparity report ROWS --case '${id}' --output case.html`);
  return [element("p", {}, filled(data.texts.elsewhere, many.toLocaleString(), data.ids.length.toLocaleString())),
    element("figure", {}, element("figcaption", {}, element("button", { type: "button", className: "copy" }, data.texts.copy)), element("pre", {}, command))];
}

// What the library lacks for screen readers and the keyboard.
function label(table, text) {
  table.setAttribute("aria-label", text);
  for (const [selector, role] of [[".tabulator-header", "rowgroup"], [".tabulator-headers", "row"], [".tabulator-table", "rowgroup"]]) table.querySelector(selector)?.setAttribute("role", role);
  table.querySelector(".tabulator-tableholder").removeAttribute("tabindex"); // in a grid only rows may take the focus
  for (const head of table.querySelectorAll(".tabulator-sortable")) {
    head.tabIndex = 0;
    head.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); head.click(); } });
  }
}

// Folded sections are printed, too.
addEventListener("beforeprint", () => { for (const folded of document.querySelectorAll("main > section > details")) folded.open = true; });

// Copies the text in the figure of a button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.closest("figure").querySelector("pre"), texts = find("#table").texts;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = texts.copied;
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = texts.selected;
  }
});

if (globalThis.DecompressionStream) unpack(find("#packed")).then((data) => { find("#table").texts = data.texts; new CaseTable(indexed(data)); });
else { find("#old").hidden = false; find("#filters").hidden = true; }
