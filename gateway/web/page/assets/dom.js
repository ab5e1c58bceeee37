// Small helpers around the document. Text is always set as text, never as markup.

export const at = (id) => document.getElementById(id);

// h makes an element: h("td", {class: "number"}, "12").
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export const show = (element, visible = true) => { element.hidden = !visible; };

// fields reads a form's inputs, trimmed, leaving empty ones out.
export function fields(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (value.trim() !== "") values[name] = value.trim();
  }
  return values;
}
