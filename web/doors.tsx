import { type FormEvent, type ReactElement, useState } from "react";
import { useTwinship } from "../client/react.ts";
import { Mark } from "./icons.tsx";
import { Problem, useTrying } from "./trying.tsx";

/** Sign up, or in. */
export function Doors(): ReactElement {
  const twinship = useTwinship();
  const [isNew, setNew] = useState(true);
  const trying = useTrying();
  const enter = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, email, password] = ["name", "email", "password"].map((field) => String(form.get(field) ?? ""));
    trying.attempt(async () => {
      const fields = { name: name ?? "", email: email ?? "", password: password ?? "" };
      await (isNew ? twinship.register(fields) : twinship.login(fields.email, fields.password));
    });
  };
  return (
    <div className="door">
      <Mark />
      <h3>{isNew ? "Begin here" : "Welcome back"}</h3>
      <form onSubmit={enter}>
        {isNew && <Field label="Your name" name="name" autoComplete="name" />}
        <Field label="E-mail" name="email" type="email" autoComplete="email" />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
        />
        {isNew && <p className="soft">8 characters or more, with a capital letter, a small one and a digit.</p>}
        <button type="submit" className="strong" disabled={trying.isTrying}>
          {isNew ? "Sign up" : "Sign in"}
        </button>
        <Problem of={trying} />
      </form>
      <button type="button" className="plain" onClick={() => setNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly autoComplete: string;
  readonly type?: string;
}

const Field = ({ label, ...input }: FieldProps): ReactElement => (
  <label>
    {label}
    <input {...input} required />
  </label>
);
