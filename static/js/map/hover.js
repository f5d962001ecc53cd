// The short card beside the pointer or the focused area.
import { cellWordsAt } from './cells.js'

/**
 * @param {object} state of the areas
 * @param {HTMLElement} card
 * @returns {(number: number|null, at?: MouseEvent) => void}
 */
export function createCard(state, card) {
  const box = state.canvas.map.getContainer()
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') card.hidden = true })
  return (number, at) => {
    const area = state.areas.get(number)
    card.hidden = !area
    if (!area) return
    const cells = at ? cellWordsAt(state, at) : area.cells
    card.replaceChildren(heading(area.name), ...[...linesOf(area), cells].filter(Boolean).map(line))
    const centre = () => state.canvas.map.latLngToContainerPoint(state.layers.get(number).getBounds().getCenter())
    const frame = box.getBoundingClientRect()
    const { x, y } = at ? { x: at.clientX - frame.left, y: at.clientY - frame.top } : centre()
    card.style.left = `${Math.max(8, Math.min(x + 16, frame.width - card.offsetWidth - 8))}px`
    card.style.top = `${Math.max(8, Math.min(y - card.offsetHeight - 8, frame.height - card.offsetHeight - 8))}px`
  }
}

function linesOf(area) {
  const isShown = area.class.length === 1
  return [isShown ? `${area.text} · Klasse ${area.letter}` : area.text, area.joined, area.compared].filter(Boolean)
}

function heading(text) {
  const element = document.createElement('strong')
  element.textContent = text
  return element
}

function line(text) {
  const element = document.createElement('span')
  element.className = 'hovercard__line'
  element.textContent = text
  return element
}
