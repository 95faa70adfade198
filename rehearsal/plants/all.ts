import { INFRASTRUCTURE_PLANTS } from './infrastructure-plants.js';
import { AREAS, type Plant } from './plant.js';
import { SERVICE_PLANTS } from './service-plants.js';

/** All planted mistakes, by area. */
export const PLANTS: readonly Plant[] = [...SERVICE_PLANTS, ...INFRASTRUCTURE_PLANTS].toSorted(
  (a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area),
);
