// A page translator, the browser's or an extension's, puts <font> elements in the place of text nodes. The page goes on writing
// into its own nodes, which nobody would see: names and numbers of an earlier picture would stay. So a text node that was
// replaced goes back beside its stand-in, empty, where the page finds it. When the page writes into it or takes it away the
// stand-in goes, and the translator can take the new words in turn.

const isFont = (node) => node?.nodeName === "FONT";

/** Watches everything in `root`. */
export function watch(root) {
  const replaced = new Map(); // text node: { font, words }
  const forget = (text) => { replaced.get(text).font.remove(); replaced.delete(text); };
  const textOf = (font) => [...replaced].find(([, r]) => r.font === font)?.[0];

  function text(node, { addedNodes, previousSibling, nextSibling, target }) {
    if (node.isConnected) return;
    if (replaced.has(node)) return forget(node);
    const font = [...addedNodes, previousSibling, nextSibling].find((n) => isFont(n) && n.parentNode === target && !textOf(n));
    if (!font || !node.data) return;
    replaced.set(node, { font, words: node.data });
    font.before(node);
    node.data = "";
  }

  function font(node, { addedNodes }) {
    const owner = textOf(node), again = [...addedNodes].find(isFont);
    if (!owner || node.isConnected) return;
    if (again) return void (replaced.get(owner).font = again);
    // the translator gives the page back as it was
    if (owner.isConnected && !owner.data) owner.data = replaced.get(owner).words;
    replaced.delete(owner);
  }

  const observer = new MutationObserver((records) => {
    for (const r of records) {
      if (r.type === "characterData") replaced.has(r.target) && forget(r.target);
      for (const node of r.removedNodes) {
        if (node.nodeType === Node.TEXT_NODE) text(node, r);
        else if (isFont(node)) font(node, r);
      }
    }
    for (const [node, r] of replaced) if (!node.isConnected && !r.font.isConnected) replaced.delete(node);
    observer.takeRecords(); // those of what was done here
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true });
}
