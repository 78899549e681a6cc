// Takes out of a page what is there many times over, for axe reads every node many times and a page of claims has thousands.
//
// Two elements are alike if tag, class, names of attributes (and which are empty), looks and whether they hold text are the
// same, for them and for all they stand in. One of each kind stays, and what it stands in; an element that stays keeps one
// child of each kind, so that a table keeps its head and a picture its title.
//
// Gives the kinds that hold text, each by a number that is the same on every page, and keeps in window.worded who is of which.
() => {
  const LOOKS = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textDecorationLine", "display"];
  const kindOf = new Map(), seen = new Set(), kept = new Set([document.body]);
  // 53 bits of a text: few enough to hand on, too many to meet twice.
  const number = (text) => {
    let one = 0xdeadbeef, two = 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
      two = Math.imul(two ^ text.charCodeAt(at), 1597334677);
    }
    return 4294967296 * (2097151 & (two ^ (one >>> 15))) + (one >>> 0);
  };
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
  window.worded = [...kept].filter((item) => kindOf.has(item) && (worded(item) || /^(input|select)$/.test(item.localName)));
  window.kindOf = kindOf;
  return [...new Set(window.worded.map((item) => kindOf.get(item)))];
}
