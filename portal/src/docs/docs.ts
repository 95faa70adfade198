import { startTheme } from '../app/theme.js';

startTheme();
const place = document.getElementById('reference');
// The renderer is large, and the guides do without it.
if (place) void import('./reference.js').then(({ showReference }) => showReference(place));
