import { barVenueUnderTest, venueContract } from '@donch/testkit';

venueContract('the bar venue', { create: () => barVenueUnderTest() });
