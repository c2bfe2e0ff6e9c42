import { describe, it } from 'vitest';
import type { Targets } from '../../../core/subscriptions/target.ts';
import { type Defect, finds } from './finds.ts';
import { forgetful } from './forgetful.ts';

/** Defects of what subscribers are promised. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'changes that count as told and are not',
      operation: 'subscribed',
      parts: { targets: forgetful },
      found: /deliveries: nobody was told of configmaps\/default\/told-/,
    },
    {
      name: 'changes that are told behind those that came after them',
      operation: 'subscribed',
      parts: { targets: hasty },
      found: /deliveries: .* was told of after \d+/,
    },
  ];
  it.each(defects)('shows $name', finds);
});

/** Tells every other event when the next one has been told. */
function hasty(targets: Targets): Targets {
  let held: (() => Promise<void>) | undefined;
  return (...args) => {
    const target = targets(...args);
    return {
      async deliver(...delivery) {
        const before = held;
        held = undefined;
        if (before) {
          await target.deliver(...delivery);
          await before();
        } else {
          held = () => target.deliver(...delivery);
        }
      },
    };
  };
}
