"""What people do in each planted domain: intents as steps, steps as an action on some objects.

The steps of one intent share next to no word, and most actions serve several intents, so neither text alone nor the
action alone tells an intent. `noise` is what everybody's client does or what people touch in passing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    action: str
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    name: str
    intents: dict[str, tuple[Step, ...]]
    noise: tuple[Step, ...]
    details: tuple[str, ...]
    numeric: str


def _step(action: str, objects: str) -> Step:
    return Step(action, tuple(o.strip() for o in objects.split(",")))


KITCHEN = Domain(
    name="kitchen",
    intents={
        "plan the week": (
            _step("open", "monday supper, tuesday lunch, family calendar, weekly planner, sunday roast slot, freezer day"),
            _step("save", "lentil soup, chickpea curry, mushroom risotto, spinach lasagne, bean chilli, pumpkin stew"),
            _step("add to list", "olive oil, brown rice, tinned tomatoes, red onions, oat milk, cumin seeds"),
            _step("print", "shopping sheet, pantry overview, menu card, portion table"),
        ),
        "bake something": (
            _step("search", "sourdough, brioche, rye loaf, croissant, focaccia, bagel"),
            _step("watch", "kneading lesson, folding technique, shaping video, scoring tutorial, proofing demo"),
            _step("convert", "cups to grams, oven fahrenheit, tin diameter, yeast ratio, spoon measure"),
            _step("start timer", "first rise, second rise, oven window, cooling rack"),
        ),
        "eat for a diet": (
            _step("filter", "gluten free, low salt, no lactose, vegan only, keto, nut free"),
            _step("open", "nutrition label, calorie chart, sugar content, protein table, additive glossary"),
            _step("log", "breakfast intake, water glasses, snack diary, weight entry, vitamin pill"),
            _step("compare", "almond butter, rice cakes, soy yoghurt, quinoa flakes"),
        ),
        "host guests": (
            _step("scale", "eight servings, twelve plates, buffet for twenty, children's table"),
            _step("save", "canape tray, cheese board, punch bowl, tapas platter, birthday cake, fondue set"),
            _step("share", "invitation link, allergy poll, arrival times, gift wishlist"),
            _step("search", "table decoration, candle holders, napkin folding, party playlist, wine pairing"),
        ),
        "use leftovers": (
            _step("scan", "half cabbage, stale bread, cooked potatoes, wilted herbs, open cream"),
            _step("filter", "ten minutes, one pan, three ingredients, microwave"),
            _step("rate", "fried rice, bubble and squeak, bread pudding, frittata, quick broth"),
            _step("log", "waste diary, compost weight, fridge shelf, expiry date"),
        ),
        "buy equipment": (
            _step("compare", "stand mixer, chef knife, cast iron skillet, espresso machine, blender, steam oven"),
            _step("read", "customer reviews, warranty terms, energy rating, test report"),
            _step("add to cart", "spare whisk, cutting board, sharpening stone, descaler, replacement jug"),
            _step("pay", "invoice purchase, voucher code, instalment plan, card checkout"),
        ),
    },
    noise=(
        _step("open", "home feed, news banner, cookie notice, settings page, inbox badge"),
        _step("dismiss", "rating popup, update hint, newsletter prompt"),
        _step("sync", "background refresh, device token, offline cache"),
    ),
    details=("rustic", "quick", "grandma style", "spiced", "winter", "summer", "no fuss", "classic", "crispy", "slow", "smoky", "light", "festive", "budget", "double", "mini"),
    numeric="portions",
)  # fmt: skip

LIBRARY = Domain(
    name="library",
    intents={
        "write a thesis": (
            _step("search", "citation index, peer reviewed journal, dissertation archive, conference proceedings"),
            _step("download", "statistics chapter, literature survey, method appendix, data supplement, preprint"),
            _step("export", "bibtex record, reference manager file, footnote style, bibliography"),
            _step("request", "interlibrary scan, microfilm copy, special collection seat, expert consultation"),
        ),
        "read with children": (
            _step("browse", "picture books, dinosaur stories, fairy tales, first readers, pop-up animals"),
            _step("reserve", "puppet theatre, saturday storytime, craft workshop, lego club"),
            _step("borrow", "bedtime audio, board game, sticker album, nursery rhymes, comic bundle"),
            _step("renew", "family card, toddler basket, school project box"),
        ),
        "follow a series": (
            _step("browse", "crime novels, space opera, regency romance, nordic noir, fantasy saga"),
            _step("place hold", "volume three, newest sequel, final instalment, prequel, bonus novella"),
            _step("rate", "plot twist, favourite detective, cliffhanger, narrator voice"),
            _step("subscribe", "author alert, release calendar, book club thread, fan newsletter"),
        ),
        "learn a language": (
            _step("borrow", "grammar workbook, phrase cards, verb tables, dictionary, pronunciation disc"),
            _step("stream", "spanish podcast, french cinema, italian radio, german news, japanese drama"),
            _step("reserve", "conversation cafe, tandem partner, exam preparation evening"),
            _step("print", "vocabulary list, crossword, listening transcript, word of the day"),
        ),
        "work on site": (
            _step("book", "quiet cabin, meeting pod, window desk, podcast studio, locker"),
            _step("connect", "wireless guest, scanner station, big monitor, power socket map"),
            _step("print", "boarding pass, contract pages, poster proof, application form"),
            _step("extend", "two more hours, evening pass, weekend access"),
        ),
        "trace ancestors": (
            _step("search", "parish register, census roll, passenger list, gravestone photo, military draft"),
            _step("zoom", "handwritten ledger, town map, faded portrait, coat of arms"),
            _step("download", "birth certificate, marriage banns, will and testament, land deed"),
            _step("annotate", "family tree, maiden name, emigration year, godparent link"),
        ),
    },
    noise=(
        _step("open", "landing page, opening hours, cookie layer, profile page, notification bell"),
        _step("accept", "terms update, privacy banner, loan receipt"),
        _step("ping", "session keepalive, app heartbeat, badge sync"),
    ),
    details=("annotated", "illustrated", "second edition", "large print", "abridged", "northern", "coastal", "modern", "early", "complete", "pocket", "translated", "digital", "restored", "regional", "short"),
    numeric="items",
)  # fmt: skip

FLEET = Domain(
    name="fleet",
    intents={
        "dispatch loads": (
            _step("assign", "night trailer, reefer unit, express van, spare driver, double decker"),
            _step("open", "dock schedule, loading bay, gate slot, yard plan"),
            _step("send", "route sheet, customs papers, seal number, delivery note, pallet tally"),
            _step("track", "motorway junction, ferry crossing, border queue, arrival forecast"),
        ),
        "keep vehicles running": (
            _step("inspect", "brake lining, tyre tread, oil pressure, coolant level, wiper blades"),
            _step("book", "workshop lift, mobile mechanic, annual roadworthiness, tachograph calibration"),
            _step("order", "air filter, clutch plate, headlamp bulb, fan belt, mud flap"),
            _step("close", "defect ticket, recall notice, breakdown case"),
        ),
        "watch the cost": (
            _step("export", "fuel ledger, toll statement, leasing table, parking fines, overtime sheet"),
            _step("compare", "diesel price, cost per mile, insurance quote, idle minutes"),
            _step("set", "budget ceiling, card limit, refuel rule, spend alert"),
            _step("approve", "supplier invoice, expense claim, credit memo, rebate"),
        ),
        "look after drivers": (
            _step("open", "rest hours, shift roster, leave request, licence expiry"),
            _step("assign", "safety course, eco training, first aid refresher, onboarding buddy"),
            _step("send", "birthday bonus, feedback form, praise message, medical reminder"),
            _step("review", "harsh braking, seat belt warning, camera clip, speeding event"),
        ),
        "serve customers": (
            _step("answer", "missing parcel, wrong address, damaged crate, late arrival complaint"),
            _step("share", "tracking link, proof of receipt, photo of doorstep, time window"),
            _step("quote", "same day courier, oversize haul, return trip, storage week"),
            _step("close", "claim dossier, refund ticket, callback task"),
        ),
        "prove compliance": (
            _step("upload", "emission certificate, operator permit, audit checklist, hazardous goods form"),
            _step("review", "axle weight, driving time breach, low emission zone, temperature record"),
            _step("sign", "inspector protocol, policy statement, incident declaration"),
            _step("archive", "tachograph file, permit history, training proof, disposal slip"),
        ),
    },
    noise=(
        _step("open", "start dashboard, weather widget, release notes, help bubble, map legend"),
        _step("dismiss", "password reminder, cookie bar, survey invite"),
        _step("refresh", "position feed, browser tab, token renewal"),
    ),
    details=("north depot", "south depot", "urgent", "weekly", "heavy", "light", "east lane", "west lane", "second shift", "early", "spare", "temporary", "inbound", "outbound", "pilot", "regional"),
    numeric="units",
)  # fmt: skip

DOMAINS: dict[str, Domain] = {d.name: d for d in (KITCHEN, LIBRARY, FLEET)}
