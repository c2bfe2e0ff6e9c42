import type { Targets } from '../../../core/subscriptions/target.ts';

/** Takes every third event, and does nothing with it. */
export function forgetful(targets: Targets): Targets {
  let n = 0;
  return (...args) => {
    const target = targets(...args);
    return { deliver: async (...delivery) => (n++ % 3 === 2 ? undefined : target.deliver(...delivery)) };
  };
}
