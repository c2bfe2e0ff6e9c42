import { nextTime } from '../../../core/controllers/cronjob/schedule-times.ts';
import { outcomeOf } from '../../../core/nodes/runtimes/shell.ts';
import { parseSchedule } from '../../../core/resources/batch/schedule.ts';
import { timeZoneOf } from '../../../core/resources/batch/time-zone.ts';
import { untolerated } from '../../../core/resources/core/node-match.ts';
import { selects } from '../../../core/resources/label-selector.ts';
import { type CallInput, fields, times } from '../input.ts';

/** What controllers, the scheduler and the nodes make of what was accepted. */
export const calls: readonly CallInput[] = [
  {
    name: 'looks at CronJobs that never run',
    size: 800,
    prepare: (size) => () => {
      const schedule = parseSchedule('0 0 30 2 *');
      for (let i = 0; i < size; i++) nextTime(schedule, Date.UTC(2026, 0, 1 + i), timeZoneOf('Europe/Berlin'));
    },
  },
  {
    name: 'tolerations on a node with taints',
    size: 10_000,
    prepare: (size) => {
      const tolerations = times(size, (i) => ({ key: `k${i}`, operator: 'Equal', value: 'v', effect: 'NoSchedule' }));
      const taints = times(size, (i) => ({ key: `k${size - 1 - i}`, value: 'v', effect: 'NoSchedule' }));
      return () => untolerated(taints, tolerations, ['NoSchedule']);
    },
  },
  {
    name: 'a selector on labels',
    size: 10_000,
    prepare: (size) => {
      const labels = fields(size, () => 'v');
      const selector = { matchLabels: labels, matchExpressions: times(size, (i) => ({ key: `k${i}`, operator: 'In', values: ['u', 'v'] })) };
      return () => selects(selector, labels);
    },
  },
  { name: 'a script', size: 16_000, prepare: (size) => () => outcomeOf(['sh', '-c', 'sleep 1 && '.repeat(size / 11)]) },
  { name: 'a script of quotes', size: 16_000, prepare: (size) => () => outcomeOf(['sh', '-c', '"\\"'.repeat(size / 3)]) },
];
