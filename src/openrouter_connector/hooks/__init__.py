"""Python that a definition names, for what its words cannot say. Data in, data out.

A module here may define any of these pure functions, and nothing else is asked of it:

    build(call, values, facts)  -> Call    amend the call that the words made, before it is sent
    reply(reply, values)        -> reply   bring a reply into the shape that `output` reads
    output(output, values)      -> output  the last word on the output; `Noted` adds warnings
    drawing(output, values) -> Drawing | None    boxes to draw on a copy of an image
    rescue(error, values)       -> output  use what came whole of an answer that broke off
    repair(call, error)         -> Call    ask once more, when `output` raised an IncompleteError

`build` may raise InputError: nothing has been sent or paid by then.
"""
