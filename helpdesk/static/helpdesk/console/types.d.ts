// Shapes of the API's answers, for editors and `tsc --checkJs`; nothing at run time reads this file.
export type Person = { id: number; name: string; initials: string };
export type Agent = {
  id: number; presence: string; reason: string; presence_since: string; budget: number; used: number; parked: number;
  costs: Record<string, number>; live: Record<string, number>; revision: number;
  skills: { slug: string; name: string; kind: string; level: number }[];
};
export type Me = {
  user: Person & { email: string; role: string; preferences: Record<string, string> };
  agent: Agent | null; now: string; site_name: string;
  presences: { value: string; label: string; reasons: string[] }[];
  decline_reasons: string[];
  dispositions: { id: number; name: string; queue: number | null }[];
  queues: { id: number; name: string; slug: string }[];
  people: (Person & { agent: number | null; presence: string | null })[];
  counts: { mine: number; unassigned: number };
};
export type Customer = Person & { tier: string };
export type Offer = {
  id: number; made_at: string; expires_at: string; now: string; channel: string; queue: { id: number; name: string };
  customer: Customer; ticket: { id: number; number: number; subject: string }; first_line: string;
  waiting_since: string; why_you: string;
};
export type Interaction = {
  id: number; ticket: { id: number; number: number; subject: string }; channel: string; status: string;
  queue: { id: number; name: string }; agent: Person | null; customer: Customer; waiting_since: string;
  accepted_at: string | null; ended_at: string | null; wrap_up_until: string | null; disposition: number | null; now: string;
};
