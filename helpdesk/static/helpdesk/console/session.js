// @ts-check
/** What the page came with: who is signed in, where files lie, the token that writes need. */

/**
 * @typedef {{id: number, name: string, initials: string, role: string, supervises: boolean,
 *            preferences: Record<string, any>}} SessionUser
 * @typedef {{user: SessionUser, static: {icons: string}, csrf: string, build: string, site_name: string}} Session
 */

/** @type {Session} */
export const session = JSON.parse(document.getElementById("session")?.textContent || "{}");
