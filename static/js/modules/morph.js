// Turns one element into another with as few changes as possible, so that a live refresh keeps the focus, what is typed,
// what is open and where one has scrolled. Children are matched by id or data-key, else by their place.
const keyOf = (node) => (node.nodeType === 1 ? node.id || node.getAttribute("data-key") || "" : "");
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
const typedIn = (node) =>
  node.matches("input, textarea, select") && (node === document.activeElement || changedByHand(node));

function changedByHand(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

export function morph(old, fresh) {
  if (!alike(old, fresh)) return old.replaceWith(fresh);
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.isEqualNode(fresh) || old.matches("[data-keep], form[data-sent]")) return; // what is being sent stays pressed
  const theirs = typedIn(old) ? ["value", "checked"] : ["DETAILS", "DIALOG"].includes(old.nodeName) ? ["open"] : [];
  attributes(old, fresh, theirs);
  if (!typedIn(old)) children(old, fresh);
}

function attributes(old, fresh, theirs) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !theirs.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !theirs.includes(name)) old.setAttribute(name, value);
  }
}

function children(old, fresh) {
  const kept = new Map();
  for (const child of old.childNodes) if (keyOf(child)) kept.set(keyOf(child), child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const known = kept.get(keyOf(wanted));
    if (known && known !== place && known.parentNode === old && alike(known, wanted)) {
      old.insertBefore(known, place);
      morph(known, wanted);
    } else if (place && alike(place, wanted)) {
      const next = place.nextSibling;
      morph(place, wanted);
      place = next;
    } else {
      old.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
