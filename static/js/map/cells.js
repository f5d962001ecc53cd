// Display cells below the borders of the areas, drawn from vector tiles. Colours come from map.css alone.
import { pathOf, readTile } from '../lib/vectortile.js'
import { say } from '../ui/status.js'
import { clearNote, showNote } from './note.js'

const SIDE = 256
const DRAWN = SIDE + 1 // a pixel into the next tile, which draws the same there: no seam between them
// Tiles are asked for in whole zooms; beyond the last one they are enlarged.
const ZOOMS = { minNativeZoom: 8, maxNativeZoom: 15 }
const SVG = 'http://www.w3.org/2000/svg'
const FAILED = 'Die Anzeigezellen konnten nicht vollständig geladen werden. Alle Angaben stehen in der Tabelle; beim erneuten Einschalten wird es wieder versucht.'

/**
 * Show the display cells of a description, or none; the same ones again stay as they are.
 * @param {object} state of the areas
 * @param {{tiles: string, words: Object<string, string>}|null|undefined} cells
 */
export function showCells(state, cells) {
  if (state.cells?.tiles === cells?.tiles) return
  state.cellLayer?.remove()
  state.cells = cells ?? null
  state.cellLayer = cells ? createLayer(state.canvas, cells.tiles) : null
  state.cellLayer?.addTo(state.canvas.map)
  const element = state.canvas.map.getContainer()
  element.classList.toggle('has-cells', Boolean(cells))
  if (!cells) report(element, 'none')
}

/** What is said of the display cell at a place of the window, "" where there is none. */
export function cellWordsAt(state, { clientX, clientY }) {
  if (!state.cells) return ''
  const cell = document.elementsFromPoint(clientX, clientY).find((one) => one.matches('.cell'))
  return cell ? `Anzeigezelle: ${state.cells.words[cell.dataset.class]}` : ''
}

function createLayer(canvas, address) {
  const Cells = canvas.L.GridLayer.extend({
    createTile(place, done) {
      const tile = document.createElement('div')
      // Leaflet knows tiles by their place alone: one that it has put away must not answer for its successor.
      const end = (error) => { if (tile.isConnected) done(error, tile) }
      drawTile(tile, canvas.L.Util.template(address, place)).then(() => end(null), end)
      return tile
    },
  })
  const layer = new Cells({ pane: 'cells', tileSize: SIDE, bounds: canvas.bounds, ...ZOOMS })
  const element = canvas.map.getContainer()
  report(element, 'loading')
  // What is missing stays missing until the layer is made anew, whatever else is loaded meanwhile.
  const unlessMissing = (progress) => () => { if (element.dataset.cells !== 'incomplete') report(element, progress) }
  return layer.on({
    loading: unlessMissing('loading'),
    load: unlessMissing('ready'),
    tileerror: () => { report(element, 'incomplete'); say(FAILED) },
  })
}

/** Leave at the map how far its cells are, and show it where some are missing. */
function report(element, progress) {
  element.dataset.cells = progress
  if (progress === 'incomplete') showNote(element, FAILED)
  else clearNote(element)
}

async function drawTile(tile, address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`)
  const { extent, features } = readTile(await answer.arrayBuffer())
  const drawing = document.createElementNS(SVG, 'svg')
  drawing.setAttribute('class', 'cells')
  drawing.setAttribute('viewBox', `0 0 ${DRAWN} ${DRAWN}`)
  drawing.setAttribute('width', DRAWN)
  drawing.setAttribute('height', DRAWN)
  drawing.setAttribute('aria-hidden', 'true')
  drawing.append(...features.map(({ properties, rings }) => drawCell(properties, pathOf(rings, SIDE / extent))))
  tile.append(drawing)
}

function drawCell({ class: code, number }, path) {
  const cell = document.createElementNS(SVG, 'path')
  cell.setAttribute('class', `cell cell--${code}`)
  cell.setAttribute('d', path)
  cell.dataset.class = code
  cell.dataset.cell = number
  return cell
}
