// A note at the foot of the map that says what of it could not be drawn.

/**
 * Show a note on the map, in place of an earlier one.
 * @param {HTMLElement} element of the map
 * @param {string} words
 */
export function showNote(element, words) {
  clearNote(element)
  const note = document.createElement('p')
  note.className = 'note note--error mapnote'
  note.textContent = words
  element.parentElement.append(note)
}

/** Take the note away, if there is one. */
export function clearNote(element) {
  element.parentElement.querySelector('.mapnote')?.remove()
}
