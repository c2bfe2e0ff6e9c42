import { seeds } from './seeds.ts';

seeds(9, 16);
