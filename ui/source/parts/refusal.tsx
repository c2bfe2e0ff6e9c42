import { ApiError } from '../api/client.ts';

/** What the cluster, or the way to it, does not let be done; with what it says of each field. */
export function Refusal({ error }: { readonly error: Error | undefined }) {
  if (!error) return null;
  const causes = error instanceof ApiError ? (error.status.details?.causes ?? []) : [];
  return (
    <div class="failure" role="alert">
      <p>{error.message}</p>
      {causes.length > 1 && (
        <ul>
          {causes.map(({ field, message }, i) => (
            <li key={i}>{[field, message].filter(Boolean).join(': ')}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
