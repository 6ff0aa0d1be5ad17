// Whether the server knows this browser: a server that is started anew, with a new token, does not.

import { create } from "zustand";

export const useLogin = create<{ isLoggedIn: boolean }>()(() => ({ isLoggedIn: true }));

/** Note what an answer says: 401 is about the log-in to this server, and about nothing else. */
export function noteStatus(status: number): void {
  const isLoggedIn = status !== 401;
  if (useLogin.getState().isLoggedIn !== isLoggedIn) useLogin.setState({ isLoggedIn });
}
