import "./jitless.ts";

import { type ReactElement, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Office } from "./office.tsx";
import { SignIn } from "./sign-in.tsx";
import type { StaffServer } from "./staff-server.ts";

function Page(): ReactElement {
  const [server, setServer] = useState<StaffServer>();
  const [reason, setReason] = useState<string>();
  const leave = (why?: string) => {
    setServer(undefined);
    setReason(why);
  };
  if (server) return <Office server={server} onLeave={leave} />;
  return (
    <SignIn reason={reason} onSignedIn={setServer} onEnded={() => leave("This sign-in was ended: sign in again.")} />
  );
}

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
