import { seeds } from './seeds.ts';

seeds(21, 40);
