import { expect, it } from 'vitest';
import { Stillness } from './idle-memory.ts';

it.each([
  {
    name: 'nothing goes on',
    looks: [
      [1, 0],
      [1, 0.02],
      [1, 0.05],
    ],
    still: [false, false, true],
  },
  {
    name: 'somebody comes',
    looks: [
      [1, 0],
      [1, 0],
      [2, 0],
      [2, 0],
      [2, 0],
    ],
    still: [false, false, false, false, true],
  },
  {
    name: 'a pass takes seconds, and nobody comes',
    looks: [
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 0.9],
      [1, 0],
    ],
    still: [false, false, false, false, false],
  },
  {
    name: 'a pass is over',
    looks: [
      [1, 1],
      [1, 0],
      [1, 0],
    ],
    still: [false, false, true],
  },
] as { name: string; looks: [number, number][]; still: boolean[] }[])('where $name', ({ looks, still }) => {
  const stillness = new Stillness();
  expect(looks.map(([activity, utilization]) => stillness.look({ activity, utilization }))).toEqual(still);
});
