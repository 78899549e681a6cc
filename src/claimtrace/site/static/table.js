// Search, choose and sort the rows of tables marked data-interactive. Without it the tables are whole and plain.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table[data-interactive]")) enliven(table);
});

function enliven(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, cells: [...row.cells].map((cell) => cell.textContent.trim()) }));
  for (const item of rows) item.text = item.cells.join(" ").toLowerCase();
  const heads = [...table.tHead.rows[0].cells];
  const form = document.createElement("form");
  form.className = "choose";
  const search = field(form, "Search", document.createElement("input"));
  search.type = "search";
  const choices = heads.flatMap((head, column) =>
    head.hasAttribute("data-pick") ? [{ column, select: chooser(form, head.textContent, column) }] : []);
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  (table.closest(".scroll") || table).before(form, count);

  function field(parent, name, control) {
    const label = parent.appendChild(document.createElement("label"));
    label.append(name, control);
    return control;
  }

  function items(cell) {
    return cell.split("; ").filter(Boolean);
  }

  function chooser(parent, name, column) {
    const select = document.createElement("select");
    const values = [...new Set(rows.flatMap((item) => items(item.cells[column])))].sort();
    select.append(new Option("all", ""), ...values.map((value) => new Option(value, value)));
    return field(parent, name, select);
  }

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of rows) {
      const keep = words.every((word) => item.text.includes(word)) &&
        choices.every(({ column, select }) => !select.value || items(item.cells[column]).includes(select.value));
      item.row.hidden = !keep;
      shown += keep;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
  }

  function sort(column, head) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = new Intl.Collator("en", { numeric: true }).compare;
    rows.sort((a, b) => order(a.cells[column], b.cells[column]) * (down ? -1 : 1));
    body.append(...rows.map((item) => item.row));
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(column, head));
    head.replaceChildren(button);
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
