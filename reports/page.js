// Gives every native code a button to copy it, when it is first unfolded.
document.addEventListener("toggle", (event) => {
  for (const code of event.target.querySelectorAll("pre:not([data-copy])")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(code, button));
    code.dataset.copy = "";
    code.previousElementSibling.append(button);
  }
}, true);

async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Selected: press Ctrl+C";
  }
}
