import type { CallCost, Operand, PlannedCall } from '../library.ts';
import { ONE, STRING_TRAVERSAL, scaled } from '../range.ts';
import { sizeOf } from '../size.ts';

/** Looks up what is known already. */
export const CONSTANT: CallCost = { actual: () => 1, estimate: () => ({ cost: ONE }) };

/**
 * Looks at each character of the first argument, or of the receiver, so many times.
 * With `keepsSize`, what it returns is as long at most.
 */
export const traversal = ({ times = 1, keepsSize = false }: { times?: number; keepsSize?: boolean } = {}): CallCost => ({
  actual: ({ args }) => Math.ceil(sizeOf(args[0]!) * times * STRING_TRAVERSAL),
  estimate: (call) => {
    const { size } = subject(call);
    return { cost: scaled(size, times * STRING_TRAVERSAL), resultSize: keepsSize ? size : undefined };
  },
});

/** What a call is about: its receiver, or where it has none its first argument. */
export const subject = ({ target, args }: PlannedCall): Operand => target ?? args[0]!;
