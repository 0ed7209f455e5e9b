import { type FormEvent, type ReactElement, useState } from "react";
import { useDoing } from "./doing.ts";
import { Field, Said } from "./parts.tsx";
import { StaffServer } from "./staff-server.ts";

interface Props {
  /** Why one is asked again, if one is. */
  readonly reason: string | undefined;
  readonly onSignedIn: (server: StaffServer) => void;
  readonly onEnded: () => void;
}

export function SignIn({ reason, onSignedIn, onEnded }: Props): ReactElement {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const doing = useDoing();

  const signIn = (event: FormEvent) => {
    event.preventDefault();
    void doing.run(async () => {
      // A code opens once: whatever comes of it, the next try wants the next one.
      setTotp("");
      onSignedIn(await StaffServer.signIn({ email, password, totp }, onEnded));
      return undefined;
    });
  };

  return (
    <main className="door">
      <form className="card" onSubmit={signIn}>
        <h1>Twinship staff</h1>
        <p className="soft">{reason ?? "For those who work here. A sign-in lasts 15 minutes."}</p>
        <Field label="E-mail address" type="email" autoComplete="username" value={email} onChange={setEmail} />
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
        />
        <Field
          label="Code of your authenticator"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          value={totp}
          onChange={setTotp}
        />
        <button type="submit" className="act main" disabled={doing.isBusy}>
          Sign in
        </button>
        <Said doing={doing} />
      </form>
    </main>
  );
}
