// Starts the behaviour of whatever stands on the page.
import { startCopy } from './ui/copy.js'
import { startDatenstand } from './ui/datenstand.js'
import { startDelivery } from './ui/delivery.js'
import { startDialogs } from './ui/dialog.js'
import { startMenu } from './ui/menu.js'
import { startPrint } from './ui/print.js'
import { startSearch } from './ui/search.js'
import { startSort } from './ui/sort.js'
import { startTheme } from './ui/theme.js'
import { startMapPage } from './map/page.js'
import { startFilterPage } from './map/filter.js'

startTheme()
startMenu()
startDatenstand()
startDialogs()
startDelivery()
startCopy()
startPrint()
startSearch()
startSort()
startMapPage()
startFilterPage()
