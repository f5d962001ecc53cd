// Whether a name fits what somebody types. Pure.

/** @param {string} text */
export function simplify(text) {
  return text
    .toLocaleLowerCase('de')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .trim()
}

/**
 * Whether every typed word occurs in the name.
 * @param {string} name
 * @param {string} typed
 */
export function fits(name, typed) {
  const plain = simplify(name)
  return simplify(typed).split(/\s+/).every((word) => plain.includes(word))
}
