import { FakeTickets } from './tickets.fake.js';
import { ticketsSuite } from './tickets.suite.js';

ticketsSuite('FakeTickets', () => Promise.resolve(new FakeTickets()));
