import { useState } from 'preact/hooks';
import { signInWith } from './api/session.ts';
import { route } from './route.ts';

/** The door: a link of the host's signs in, or a token that is pasted. */
export function SignIn({ signIn, why }: { readonly signIn: 'link' | 'token'; readonly why: string | undefined }) {
  return (
    <main class="door">
      <h1>
        <img src="icon.svg" alt="" width="36" height="36" /> Logplane
      </h1>
      {why && <p role="alert">{why}</p>}
      {signIn === 'link' && (
        <>
          <p>
            Open the link that the host printed when it started. It is good once, for a quarter of an hour. For another one, in the folder that the host runs
            in:
          </p>
          <pre>npm run -s logplane -- ui</pre>
        </>
      )}
      <Token isOpen={signIn === 'token'} />
    </main>
  );
}

function Token({ isOpen }: { readonly isOpen: boolean }) {
  const [failure, setFailure] = useState('');
  const [isTrying, setTrying] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? '').trim();
    setTrying(true);
    setFailure('');
    await signInWith(token, route.value.cluster).catch((error: Error) => setFailure(error.message));
    setTrying(false);
  };
  return (
    <details open={isOpen}>
      <summary>Sign in with a token</summary>
      <form onSubmit={submit}>
        <label>
          Token{route.value.cluster !== '' && ` of the cluster ${route.value.cluster}`}{' '}
          <input class="whole" name="token" type="password" autocomplete="off" required spellcheck={false} />
        </label>
        <button type="submit" disabled={isTrying}>
          Sign in
        </button>
        {failure && <p role="alert">{failure}</p>}
        <p class="quiet">It stays in this tab, and goes when that is closed.</p>
      </form>
    </details>
  );
}
