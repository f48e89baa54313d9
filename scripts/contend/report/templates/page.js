// What the report does with a script, and is whole without: sorting tables, hiding engines, the theme.
// Nothing is stored and nothing is asked of any server.
"use strict";
(() => {
  const tools = document.getElementById("tools");

  function make(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // The theme: as the system has it, until somebody chooses.
  function addTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    const button = make("button", "", {type: "button"});
    const name = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      name();
    });
    dark.addEventListener("change", name);
    name();
    tools.append(button);
  }

  // Engines: a box each; what belongs to one engine alone carries its name.
  function addEngines() {
    const found = [...document.querySelectorAll("[data-engine]")];
    // In the order of the heat map's columns, which is the result's.
    const first = [...document.querySelectorAll("thead [data-engine]")];
    const names = [...new Set([...first, ...found].map((one) => one.dataset.engine))];
    if (names.length < 2) return;
    const group = make("fieldset", "");
    group.append(make("legend", "Engines"));
    names.forEach((name, index) => {
      const box = make("input", "", {type: "checkbox", id: `engine-${index}`});
      box.checked = true;
      box.addEventListener("change", () => {
        for (const one of found) if (one.dataset.engine === name) one.classList.toggle("gone", !box.checked);
      });
      const pair = make("span", "");
      pair.append(box, " ", make("label", name, {for: `engine-${index}`}));
      group.append(pair);
    });
    tools.append(group);
  }

  function valueIn(row, column, kind) {
    const cell = row.cells[column];
    if (!cell) return kind === "number" ? NaN : "";
    if (kind === "text") return cell.textContent;
    return cell.dataset.value === undefined ? NaN : Number(cell.dataset.value);
  }

  // What has no number goes last, whichever way.
  function compare(a, b, kind, sign) {
    if (kind === "text") return sign * a.localeCompare(b, "en", {numeric: true});
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return sign * (a - b);
  }

  // A table that is grouped becomes flat: its rows show the name of their group themselves.
  function flatten(table) {
    if (table.classList.contains("flat")) return;
    table.classList.add("flat");
    const rows = [...table.querySelectorAll("tbody tr:not(.group)")];
    while (table.tBodies.length > 1) table.tBodies[1].remove();
    table.tBodies[0].removeAttribute("data-engine");
    table.tBodies[0].classList.remove("gone");
    table.tBodies[0].replaceChildren(...rows);
  }

  function addSorting(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const kind = head.dataset.sort;
      if (!kind) return;
      const button = make("button", head.textContent, {type: "button", class: "sort"});
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const one of heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        if (table.tBodies.length > 1) flatten(table);
        const body = table.tBodies[0];
        const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
        rows.sort((a, b) => compare(valueIn(a, column, kind), valueIn(b, column, kind), kind, sign));
        body.replaceChildren(...rows);
      });
    });
  }

  addTheme();
  addEngines();
  document.querySelectorAll("table.sortable").forEach(addSorting);
  tools.hidden = false;
})();
