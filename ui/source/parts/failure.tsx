import { problem } from '../model/cluster.ts';

/** What goes wrong at the moment; what is shown stays as it was. */
export const Failure = () =>
  problem.value === undefined ? null : (
    <p class="failure" role="alert">
      {problem.value}
    </p>
  );
