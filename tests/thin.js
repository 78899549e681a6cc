// Takes out of a page what is there many times over, for axe reads every node many times and a page of claims has thousands.
//
// Two elements are alike if tag, class, names of attributes (and which are empty), looks and whether they hold text are the
// same, for them and for all they stand in. One of each kind stays, and what it stands in; an element that stays keeps one
// child of each kind, so that a table keeps its head and a picture its title.
//
// Gives how many elements there were, and how many stay.
() => {
  const LOOKS = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textDecorationLine", "display"];
  const kinds = new Map(), kindOf = new Map(), seen = new Set(), kept = new Set([document.body]);
  const number = (description) => kinds.get(description) ?? (kinds.set(description, kinds.size), kinds.size - 1);
  const worded = (item) => [...item.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

  function describe(item, style) {
    const names = [...item.attributes].map(({ name, value }) => (name === "class" ? `class=${value}` : name + (value ? "" : "=")));
    return [item.localName, worded(item), ...names.sort(), ...LOOKS.map((look) => style[look])].join("|");
  }

  function keep(item) {
    for (; !kept.has(item); item = item.parentElement) kept.add(item);
  }

  function sort(item, above) {
    const kind = number(`${above}|${describe(item, getComputedStyle(item))}`);
    kindOf.set(item, kind);
    if (!seen.has(kind) || item.localName === "style") keep(item);
    seen.add(kind);
    for (const child of item.children) sort(child, kind);
  }

  function thin(item) {
    const had = new Set([...item.children].filter((child) => kept.has(child)).map((child) => kindOf.get(child)));
    for (const child of [...item.children]) {
      if (!had.has(kindOf.get(child))) had.add(kindOf.get(child)), kept.add(child);
      if (kept.has(child)) thin(child);
      else child.remove();
    }
  }

  sort(document.body, "");
  thin(document.body);
  return [kindOf.size, kept.size];
}
