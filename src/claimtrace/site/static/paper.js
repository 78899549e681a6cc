// Paper is white: a page that is dark on the screen is printed in its light colours.
(() => {
  const page = document.documentElement.dataset;
  let before;
  addEventListener("beforeprint", () => { before = page.theme; page.theme = "light"; });
  addEventListener("afterprint", () => { page.theme = before; });
})();
