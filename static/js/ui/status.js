// The line that screen readers hear.
/** @param {string} text */
export function say(text) {
  const line = document.querySelector('.js-status')
  if (line) line.textContent = text
}
